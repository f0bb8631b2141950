"""Who grants are about: subjects, users and their sessions."""

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from rescind.store.base import Base
from rescind.store.columns import Identifier


class Subject(Base):
    """The epoch of a subject, made before anything about it is; never deleted.

    `epoch_at` is 0 where the epoch was never raised. To workers of the version before no row means epoch 0.
    """

    __tablename__ = "subjects"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "subject"),)

    tenant_id: Mapped[int]
    subject: Mapped[Identifier]
    epoch: Mapped[int]
    epoch_at: Mapped[int]


class User(Base):
    """Somebody who signs in at the built-in pages; `username` is the subject. A host brings its own."""

    __tablename__ = "users"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "username"),)

    tenant_id: Mapped[int]
    username: Mapped[Identifier]
    password_hash: Mapped[str | None]
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]
    email: Mapped[str | None]
    is_email_verified: Mapped[bool | None]
    display_name: Mapped[str | None]
    picture: Mapped[str | None]
    phone: Mapped[str | None]
    claims: Mapped[str | None]


class SignInAttempts(Base):
    """How often a sign-in was tried of late, for one username or one address; shared by all workers."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "key"), Index(None, "tenant_id", "purge_at"))

    tenant_id: Mapped[int]
    key: Mapped[bytes]
    attempts: Mapped[int]
    window_ends_at: Mapped[int]
    purge_at: Mapped[int | None]


class Session(Base):
    """One sign-in of a subject at a browser. `sid` is public; of the cookie only the digest is kept.

    `offline_ended_at` is set with `ended_at` where what was given `offline_access` in it ended too.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "sid"),
        Index(None, "tenant_id", "cookie_digest", unique=True),
        Index(None, "tenant_id", "subject"),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    sid: Mapped[Identifier]
    cookie_digest: Mapped[bytes]
    subject: Mapped[Identifier]
    auth_time: Mapped[int]
    tenant_epoch: Mapped[int]
    subject_epoch: Mapped[int]
    expires_at: Mapped[int]
    ended_at: Mapped[int | None]
    offline_ended_at: Mapped[int | None]
    user_agent: Mapped[str | None]
    seen_at: Mapped[int | None]
    purge_at: Mapped[int | None]


class SessionClient(Base):
    """A client that was given something in a session, and is to hear when that ends.

    Where something was given about a subject without a session, `session_sid` is empty.
    """

    __tablename__ = "session_clients"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "session_sid", "client_id", "subject"),
        Index(None, "tenant_id", "subject"),
        Index(None, "tenant_id", "client_id", "session_sid"),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    session_sid: Mapped[Identifier]
    client_id: Mapped[Identifier]
    subject: Mapped[Identifier]
    purge_at: Mapped[int]
