"""The tables, as typed SQLAlchemy models.

Statements of this package use the tables under them (`Token.__table__`), which costs a third of the
ORM; a host may query the models through its own session. Times are whole seconds since 1970, UTC.
Every primary and unique key begins with the tenant.
"""

from typing import cast

from sqlalchemy import Index, PrimaryKeyConstraint, Table
from sqlalchemy.orm import Mapped, mapped_column

from rescind.store.base import SCHEMA as SCHEMA
from rescind.store.base import Base as Base
from rescind.store.columns import BigIdentifier


class Tenant(Base):
    """One issuer with its clients, subjects and tokens. `name` is its segment of the path."""

    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(BigIdentifier, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    epoch: Mapped[int] = mapped_column(default=0)
    epoch_at: Mapped[int | None]
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]
    settings: Mapped[str] = mapped_column(default="{}")


class Client(Base):
    """A client (RFC 6749 section 2). Never deleted: `deleted_at` is set, and the epoch goes on for ever."""

    __tablename__ = "clients"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "client_id"),)

    tenant_id: Mapped[int]
    client_id: Mapped[str]
    name: Mapped[str | None]
    is_public: Mapped[bool]
    auth_method: Mapped[str | None]
    secret_digest: Mapped[bytes | None]
    jwks: Mapped[str | None]
    grant_types: Mapped[tuple[str, ...]]
    redirect_uris: Mapped[tuple[str, ...]]
    post_logout_redirect_uris: Mapped[tuple[str, ...]]
    allowed_origins: Mapped[tuple[str, ...]]
    backchannel_logout_uri: Mapped[str | None]
    scope: Mapped[tuple[str, ...]]
    revocation_scope: Mapped[str]
    is_resource_server: Mapped[bool]
    epoch: Mapped[int] = mapped_column(default=0)
    epoch_at: Mapped[int | None]
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]


class Subject(Base):
    """The epoch of a subject. No row means epoch 0; never deleted."""

    __tablename__ = "subjects"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "subject"),)

    tenant_id: Mapped[int]
    subject: Mapped[str]
    epoch: Mapped[int]
    epoch_at: Mapped[int]


class Session(Base):
    """One sign-in of a subject at a browser. `sid` is public; of the cookie only the digest is kept.

    `offline_ended_at` is set with `ended_at` where what was given `offline_access` in it ended too.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "sid"),
        Index(None, "tenant_id", "cookie_digest", unique=True),
        Index(None, "tenant_id", "subject"),
        Index(None, "tenant_id", "expires_at"),
    )

    tenant_id: Mapped[int]
    sid: Mapped[str]
    cookie_digest: Mapped[bytes]
    subject: Mapped[str]
    auth_time: Mapped[int]
    tenant_epoch: Mapped[int]
    subject_epoch: Mapped[int]
    expires_at: Mapped[int]
    ended_at: Mapped[int | None]
    offline_ended_at: Mapped[int | None]


class Grant(Base):
    """One authorization: what a subject, or a client for itself, allowed. Tokens hang on it.

    It dies with the session that it names in `session_sid`. One that was given `offline_access` names none
    there, but in `offline_session_sid` the one in which that was.
    """

    __tablename__ = "grants"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "subject", "client_id"),
        Index(None, "tenant_id", "client_id"),
        Index(None, "tenant_id", "session_sid"),
        Index(None, "tenant_id", "expires_at"),
    )

    tenant_id: Mapped[int]
    id: Mapped[str]
    client_id: Mapped[str]
    subject: Mapped[str | None]
    session_sid: Mapped[str | None]
    offline_session_sid: Mapped[str | None]
    auth_time: Mapped[int | None]
    scope: Mapped[tuple[str, ...]]
    audience: Mapped[tuple[str, ...]]
    tenant_epoch: Mapped[int]
    client_epoch: Mapped[int]
    subject_epoch: Mapped[int]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    revoked_at: Mapped[int | None]


class Token(Base):
    """An access or refresh token, known by the SHA-256 digest of its string."""

    __tablename__ = "tokens"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "grant_id"),
        Index(None, "tenant_id", "expires_at"),
    )

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    kind: Mapped[str]
    grant_id: Mapped[str]
    scope: Mapped[tuple[str, ...]]
    issued_at: Mapped[int]
    expires_at: Mapped[int]
    rotated_at: Mapped[int | None]
    salt: Mapped[bytes | None]
    revoked_at: Mapped[int | None]


class AuthorizationCode(Base):
    """A code (RFC 6749 section 4.1.2) and the grant that it stands for, whose id is fixed already.

    `kept_until` is the code's own expiry, and the grant's once it was redeemed: so long its return is seen.
    """

    __tablename__ = "authorization_codes"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "kept_until"),
        Index(None, "tenant_id", "session_sid"),
    )

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    grant_id: Mapped[str]
    client_id: Mapped[str]
    subject: Mapped[str]
    session_sid: Mapped[str | None]
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


class User(Base):
    """Somebody who signs in at the built-in pages; `username` is the subject. A host brings its own."""

    __tablename__ = "users"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "username"),)

    tenant_id: Mapped[int]
    username: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]


class SignInAttempts(Base):
    """How often a sign-in was tried of late, for one username or one address; shared by all workers."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "key"), Index(None, "tenant_id", "window_ends_at"))

    tenant_id: Mapped[int]
    key: Mapped[bytes]
    attempts: Mapped[int]
    window_ends_at: Mapped[int]


class Delivery(Base):
    """A logout token that a client is to get (OpenID Connect Back-Channel Logout), for one event."""

    __tablename__ = "deliveries"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "event_id", "client_id"),
        Index(None, "tenant_id", "done_at", "next_at"),
    )

    tenant_id: Mapped[int]
    event_id: Mapped[str]
    client_id: Mapped[str]
    subject: Mapped[str]
    session_sid: Mapped[str | None]
    attempts: Mapped[int]
    next_at: Mapped[int]
    done_at: Mapped[int | None]


class SigningKey(Base):
    """A key of a tenant's; its private part is encrypted under a key derived from `RESCIND_SECRET_KEY`.

    It is published from `created_at` until `published_until`, and signs from `signs_from` until a newer one
    does.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "kid"),)

    tenant_id: Mapped[int]
    kid: Mapped[str]
    algorithm: Mapped[str]
    public_jwk: Mapped[str]
    private_key: Mapped[bytes]
    created_at: Mapped[int]
    signs_from: Mapped[int]
    published_until: Mapped[int | None]


class UsedAssertion(Base):
    """The `jti` of a client's assertion (RFC 7523 section 3): it is good for one request."""

    __tablename__ = "used_assertions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "client_id", "jti"),
        Index(None, "tenant_id", "expires_at"),
    )

    tenant_id: Mapped[int]
    client_id: Mapped[str]
    jti: Mapped[str]
    expires_at: Mapped[int]


class Revocation(Base):
    """One revocation that changed something: the audit log. Rows are only added, and purged by age."""

    __tablename__ = "revocations"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "at"),
    )

    tenant_id: Mapped[int]
    id: Mapped[str]
    at: Mapped[int]
    selector_kind: Mapped[str]
    selector_value: Mapped[str]
    grant_id: Mapped[str | None]
    cause: Mapped[str]
    reason: Mapped[str | None]
    actor: Mapped[str]
    client_id: Mapped[str | None]
    request_id: Mapped[str | None]


tenants = cast(Table, Tenant.__table__)
clients = cast(Table, Client.__table__)
subjects = cast(Table, Subject.__table__)
sessions = cast(Table, Session.__table__)
grants = cast(Table, Grant.__table__)
tokens = cast(Table, Token.__table__)
authorization_codes = cast(Table, AuthorizationCode.__table__)
users = cast(Table, User.__table__)
sign_in_attempts = cast(Table, SignInAttempts.__table__)
deliveries = cast(Table, Delivery.__table__)
signing_keys = cast(Table, SigningKey.__table__)
used_assertions = cast(Table, UsedAssertion.__table__)
revocations = cast(Table, Revocation.__table__)
