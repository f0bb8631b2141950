"""What was granted, and the tokens and codes that stand for it."""

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from rescind.store.base import Base
from rescind.store.columns import Identifier, where


class Grant(Base):
    """One authorization: what a subject, or a client for itself, allowed. Tokens hang on it.

    It dies with the session that it names in `session_sid`. One that was given `offline_access` names none
    there, but in `offline_session_sid` the one in which that was.

    Its refresh tokens have no rows of their own. Of the one that is good now and the one before it the
    digests are kept, with the time of the rotation and its salt; of all before these their number is enough.
    `renewed_at` is when one last gave an access token without being replaced, `reuse_refused_at` when an
    old one that came back was last written down.
    """

    __tablename__ = "grants"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "subject", "client_id", "id", **where("subject IS NOT NULL")),
        Index(None, "tenant_id", "client_id", "id"),
        Index(None, "tenant_id", "session_sid", **where("session_sid IS NOT NULL")),
        Index(None, "tenant_id", "offline_session_sid", **where("offline_session_sid IS NOT NULL")),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    id: Mapped[Identifier]
    client_id: Mapped[Identifier]
    subject: Mapped[Identifier | None]
    session_sid: Mapped[Identifier | None]
    offline_session_sid: Mapped[Identifier | None]
    auth_time: Mapped[int | None]
    scope: Mapped[tuple[str, ...]]
    audience: Mapped[tuple[str, ...]]
    tenant_epoch: Mapped[int]
    client_epoch: Mapped[int]
    subject_epoch: Mapped[int]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    revoked_at: Mapped[int | None]
    generation: Mapped[int | None]
    refresh_digest: Mapped[bytes | None]
    previous_digest: Mapped[bytes | None]
    rotated_at: Mapped[int | None]
    salt: Mapped[bytes | None]
    renewed_at: Mapped[int | None]
    reuse_refused_at: Mapped[int | None]
    purge_at: Mapped[int | None]


class Token(Base):
    """An access token, known by the SHA-256 digest of its string; and refresh tokens of earlier versions."""

    __tablename__ = "tokens"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    kind: Mapped[str]
    grant_id: Mapped[Identifier]
    scope: Mapped[tuple[str, ...]]
    issued_at: Mapped[int]
    expires_at: Mapped[int]
    rotated_at: Mapped[int | None]
    salt: Mapped[bytes | None]
    revoked_at: Mapped[int | None]
    audience: Mapped[tuple[str, ...] | None]
    purge_at: Mapped[int | None]


class AuthorizationCode(Base):
    """A code (RFC 6749 section 4.1.2) and the grant that it stands for, whose id is fixed already.

    It is kept for as long as the grant once it was redeemed: so long its return is seen. (`kept_until` says
    so to workers of the version before.)
    """

    __tablename__ = "authorization_codes"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "purge_at"),
        Index(None, "tenant_id", "session_sid"),
    )

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    grant_id: Mapped[Identifier]
    client_id: Mapped[Identifier]
    subject: Mapped[Identifier]
    session_sid: Mapped[Identifier | None]
    scope: Mapped[tuple[str, ...]]
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str]
    nonce: Mapped[str | None]
    auth_time: Mapped[int | None]
    tenant_epoch: Mapped[int]
    client_epoch: Mapped[int]
    subject_epoch: Mapped[int]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    redeemed_at: Mapped[int | None]
    kept_until: Mapped[int]
    audience: Mapped[tuple[str, ...] | None]
    purge_at: Mapped[int | None]


class DeviceCode(Base):
    """What a device waits for (RFC 8628): a person says yes or no to it under its user code."""

    __tablename__ = "device_codes"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "user_code_digest", unique=True),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    user_code_digest: Mapped[bytes]
    grant_id: Mapped[Identifier]
    client_id: Mapped[Identifier]
    subject: Mapped[Identifier | None]
    session_sid: Mapped[Identifier | None]
    auth_time: Mapped[int | None]
    scope: Mapped[tuple[str, ...]]
    audience: Mapped[tuple[str, ...] | None]
    tenant_epoch: Mapped[int]
    client_epoch: Mapped[int]
    subject_epoch: Mapped[int | None]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    interval_seconds: Mapped[int]
    polled_at: Mapped[int | None]
    allowed_at: Mapped[int | None]
    denied_at: Mapped[int | None]
    redeemed_at: Mapped[int | None]
    purge_at: Mapped[int]


class PersonalToken(Base):
    """What a person calls an access token that they made themselves, and when it was last used.

    That it is active is said by its grant, as of every other.
    """

    __tablename__ = "personal_tokens"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "grant_id"),
        Index(None, "tenant_id", "subject"),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    grant_id: Mapped[Identifier]
    subject: Mapped[Identifier]
    name: Mapped[str]
    created_at: Mapped[int]
    used_at: Mapped[int | None]
    purge_at: Mapped[int]


class UsedAssertion(Base):
    """The `jti` of a client's assertion (RFC 7523 section 3): it is good for one request."""

    __tablename__ = "used_assertions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "client_id", "jti"),
        Index(None, "tenant_id", "purge_at"),
    )

    tenant_id: Mapped[int]
    client_id: Mapped[Identifier]
    jti: Mapped[Identifier]
    expires_at: Mapped[int]
    purge_at: Mapped[int | None]
