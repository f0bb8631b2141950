"""What was revoked, and who is to be told."""

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from rescind.store.base import Base
from rescind.store.columns import Identifier, where

# Of nearly all of very many events; they are found by their time, not in an index of causes.
MOST_COMMON_CAUSE = "revocation-endpoint"
IS_UNCOMMON = f"cause <> '{MOST_COMMON_CAUSE}'"


class Revocation(Base):
    """One revocation that changed something: the audit log. Rows are only added, and purged by age.

    `subject` is whom it was about, where that was one; rows of earlier versions do not say.
    """

    __tablename__ = "revocations"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "at", "id"),
        Index(None, "tenant_id", "subject", "at", "id", **where("subject IS NOT NULL")),
        Index(None, "tenant_id", "client_id", "at", "id", **where("client_id IS NOT NULL")),
        Index(None, "tenant_id", "cause", "at", "id", **where(IS_UNCOMMON)),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    id: Mapped[Identifier]
    at: Mapped[int]
    selector_kind: Mapped[str]
    selector_value: Mapped[str]
    grant_id: Mapped[Identifier | None]
    cause: Mapped[Identifier]
    reason: Mapped[str | None]
    actor: Mapped[str]
    client_id: Mapped[Identifier | None]
    subject: Mapped[Identifier | None]
    request_id: Mapped[str | None]
    purge_at: Mapped[int | None]


class Delivery(Base):
    """A logout token that a client is to get (OpenID Connect Back-Channel Logout), for one event.

    It is open until it is done, or was given up; then it has a `purge_at`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "event_id", "client_id"),
        Index(None, "next_at", "tenant_id", "client_id", **where("done_at IS NULL")),
        Index(
            None,
            "tenant_id",
            "client_id",
            "next_at",
            "event_id",
            **where("done_at IS NULL AND purge_at IS NULL"),
        ),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    event_id: Mapped[Identifier]
    client_id: Mapped[Identifier]
    subject: Mapped[Identifier]
    session_sid: Mapped[Identifier | None]
    attempts: Mapped[int]
    next_at: Mapped[int]
    done_at: Mapped[int | None]
    purge_at: Mapped[int | None]


class Receiver(Base):
    """A client to which logout tokens were sent: until when it is left alone, and how often it was silent.

    Whoever sends it something holds it meanwhile. There is one row a client at most.
    """

    __tablename__ = "receivers"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "client_id"),)

    tenant_id: Mapped[int]
    client_id: Mapped[Identifier]
    held_until: Mapped[int]
    silences: Mapped[int]
