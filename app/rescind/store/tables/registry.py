"""Tenants, their keys, and clients."""

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rescind.store.base import Base
from rescind.store.columns import BigIdentifier, Identifier, where


class Tenant(Base):
    """One issuer with its clients, subjects and tokens. `name` is its segment of the path."""

    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(BigIdentifier, primary_key=True)
    name: Mapped[Identifier] = mapped_column(unique=True)
    epoch: Mapped[int] = mapped_column(default=0)
    epoch_at: Mapped[int | None]
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]
    settings: Mapped[str] = mapped_column(default="{}")
    default_resource: Mapped[str | None]
    refreshing: Mapped[str | None]


class Client(Base):
    """A client (RFC 6749 section 2). Never deleted: `deleted_at` is set, and the epoch goes on for ever.

    `provenance` says how it came: NULL, an operator registered it; `registered`, it registered itself (RFC
    7591); `document`, its id is the URL of what describes it. The latter two go when they are not used:
    from `sweep_at` on they are looked at. `reserved`: the server keeps it for something. What an operator
    registered, or the server keeps, has a `likeness`: that of the name by which people know it, which no
    other may take.
    """

    __tablename__ = "clients"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "client_id"),
        Index(None, "tenant_id", "sweep_at", **where("sweep_at IS NOT NULL")),
        Index(None, "tenant_id", "likeness", **where("likeness IS NOT NULL")),
    )

    tenant_id: Mapped[int]
    client_id: Mapped[Identifier]
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
    backchannel_logout_session_required: Mapped[bool | None]
    scope: Mapped[tuple[str, ...]]
    revocation_scope: Mapped[str]
    is_resource_server: Mapped[bool]
    epoch: Mapped[int] = mapped_column(default=0)
    epoch_at: Mapped[int | None]
    created_at: Mapped[int]
    deleted_at: Mapped[int | None]
    disabled_at: Mapped[int | None]
    resources: Mapped[tuple[str, ...] | None]
    refresh_grace_seconds: Mapped[int | None]
    on_reuse: Mapped[str | None]
    is_rotating: Mapped[bool | None]
    logo_url: Mapped[str | None]
    home_url: Mapped[str | None]
    provenance: Mapped[str | None]
    registration_digest: Mapped[bytes | None]
    document: Mapped[str | None]
    document_expires_at: Mapped[int | None]
    sweep_at: Mapped[int | None]
    likeness: Mapped[Identifier | None]


class ClientResource(Base):
    """A resource that a resource server answers for (RFC 8707), to find it by. Its own row counts."""

    __tablename__ = "client_resources"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "resource", "client_id"),)

    tenant_id: Mapped[int]
    resource: Mapped[Identifier]
    client_id: Mapped[Identifier]


class RegistrationToken(Base):
    """What lets a client register itself (RFC 7591 section 3, an initial access token); only its digest."""

    __tablename__ = "registration_tokens"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "digest"), Index(None, "tenant_id", "purge_at"))

    tenant_id: Mapped[int]
    digest: Mapped[bytes]
    uses_left: Mapped[int | None]
    created_at: Mapped[int]
    expires_at: Mapped[int]
    purge_at: Mapped[int]


class ScopeText(Base):
    """What a scope value means to people, in a sentence."""

    __tablename__ = "scope_texts"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "scope"),)

    tenant_id: Mapped[int]
    scope: Mapped[Identifier]
    text: Mapped[str]


class ClientOrigin(Base):
    """An origin that a client lists, to find the client by it. What counts is the client's own row."""

    __tablename__ = "client_origins"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "origin", "client_id"),)

    tenant_id: Mapped[int]
    origin: Mapped[Identifier]
    client_id: Mapped[Identifier]


class SigningKey(Base):
    """A key of a tenant's; its private part is encrypted under a key derived from `RESCIND_SECRET_KEY`.

    It is published from `created_at` until `published_until`, and signs from `signs_from` until a newer one
    does.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "kid"),)

    tenant_id: Mapped[int]
    kid: Mapped[Identifier]
    algorithm: Mapped[str]
    public_jwk: Mapped[str]
    private_key: Mapped[bytes]
    created_at: Mapped[int]
    signs_from: Mapped[int]
    published_until: Mapped[int | None]
    purge_at: Mapped[int | None]
