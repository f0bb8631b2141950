"""What the statements give back: rows as plain, frozen values. Times are whole seconds since 1970, UTC."""

from dataclasses import dataclass

from rescind.store.judged import Judged, Suspendable


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A tenant, with its epoch as this request read it.

    Attributes:
        read_at: the store's time when it was read. What this request judges by time, it judges by this.
        standing: the server that it was read on, where what it says is to be vouched for (`Store.vouch`).
    """

    id: int
    name: str
    epoch: int
    disabled_at: int | None
    created_at: int
    read_at: int
    standing: str | None


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client, with its epoch as this request read it."""

    client_id: str
    name: str | None
    is_public: bool
    auth_method: str | None
    secret_digest: bytes | None
    jwks: str | None
    grant_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    backchannel_logout_uri: str | None
    backchannel_logout_session_required: bool | None
    scope: tuple[str, ...]
    revocation_scope: str
    is_resource_server: bool
    resources: tuple[str, ...] | None
    refresh_grace_seconds: int | None
    on_reuse: str | None
    is_rotating: bool | None
    logo_url: str | None
    home_url: str | None
    provenance: str | None
    epoch: int
    created_at: int
    deleted_at: int | None
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class GrantRecord(Suspendable):
    """A grant and what the predicate says of it.

    Attributes:
        generation: the number of the refresh token that is good now; None where refresh tokens have rows.
    """

    id: str
    client_id: str
    subject: str | None
    session_sid: str | None
    offline_session_sid: str | None
    auth_time: int | None
    scope: tuple[str, ...]
    created_at: int
    expires_at: int
    generation: int | None
    is_ended: bool
    is_expired: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class SessionRecord(Judged):
    """A session and what the predicate says of it. The epochs are its own, from when it began."""

    sid: str
    subject: str
    auth_time: int
    tenant_epoch: int
    subject_epoch: int
    expires_at: int
    is_ended: bool
    is_expired: bool


@dataclass(frozen=True, slots=True)
class ConnectedClient:
    """A client that a subject has given something that still holds.

    Attributes:
        scope: its live grants together; of very many, the newest.
        given_at: when the oldest of them was made.
        token_issued_at: when it last got a token by one of these.
    """

    client_id: str
    name: str | None
    scope: tuple[str, ...]
    given_at: int
    token_issued_at: int


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A token as it was shown: its digest and, of a refresh token, what it says of itself.

    Attributes:
        grant_id: the grant that it names; None where it names none.
        generation: its number, if it is known to have been made here; else None.
    """

    digest: bytes
    grant_id: str | None = None
    generation: int | None = None


@dataclass(frozen=True, slots=True)
class TokenRecord(Suspendable):
    """A token with its grant, and what the predicate says of both.

    Attributes:
        rotated_at: when it was replaced; 0 where that is so long ago that another was since.
        has_row: whether it has a row of its own, as refresh tokens of earlier versions have.
        ends_alone: its client is set to revoke single access tokens, not their grants.
        read_at: the store's time when it was read.
    """

    grant: GrantRecord
    digest: bytes
    kind: str
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    rotated_at: int | None
    salt: bytes | None
    has_row: bool
    ends_alone: bool
    read_at: int
    is_ended: bool
    is_expired: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class MadeCode:
    """What an authorization code is made with."""

    digest: bytes
    grant_id: str
    client_id: str
    subject: str
    session_sid: str | None
    scope: tuple[str, ...]
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    auth_time: int | None
    tenant_epoch: int
    client_epoch: int
    subject_epoch: int


@dataclass(frozen=True, slots=True)
class CodeRecord(MadeCode):
    """An authorization code, and what the predicate says of what it was made under."""

    redeemed_at: int | None
    is_ended: bool
    is_expired: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class DeviceRecord(Suspendable):
    """What a device waits for, and what the predicate says of what it was begun and allowed under.

    Attributes:
        subject: who has allowed it, in which session and under which epoch; None as long as nobody has.
    """

    digest: bytes
    grant_id: str
    client_id: str
    subject: str | None
    session_sid: str | None
    scope: tuple[str, ...]
    auth_time: int | None
    tenant_epoch: int
    client_epoch: int
    subject_epoch: int | None
    interval_seconds: int
    allowed_at: int | None
    denied_at: int | None
    redeemed_at: int | None
    is_ended: bool
    is_expired: bool
    is_suspended: bool

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still say yes or no to it."""
        return self.is_active and self.allowed_at is None and self.denied_at is None


@dataclass(frozen=True, slots=True)
class PersonalTokenRecord:
    """A token that a person has made for themselves, by its grant."""

    grant_id: str
    name: str
    scope: tuple[str, ...]
    created_at: int
    expires_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Somebody who signs in at the built-in pages. Without a password hash nobody can."""

    username: str
    password_hash: str | None
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A logout token that a client is to get. Without a session it is about all of the subject's."""

    event_id: str
    client_id: str
    subject: str
    session_sid: str | None
    attempts: int
    next_at: int


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A revocation that changed something, as the audit log keeps it.

    Attributes:
        selector_value: what was named; of a token the first digits of its digest.
        subject: whom it was about, where that was one and the version that wrote it said so.
    """

    id: str
    at: int
    selector_kind: str
    selector_value: str
    subject: str | None
    client_id: str | None
    grant_id: str | None
    cause: str
    reason: str | None
    actor: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class AttemptsRecord:
    """How often something was tried in a window of time, and how long that lasts."""

    attempts: int
    seconds_left: int


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A signing key; `private_key` is encrypted, and `read_at` is the store's time when it was read."""

    kid: str
    algorithm: str
    public_jwk: str
    private_key: bytes
    created_at: int
    signs_from: int
    published_until: int | None
    read_at: int = 0


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the first read of a request brings: its tenant, and what it names there, if that is there."""

    tenant: TenantRecord
    client: ClientRecord | None = None
    token: TokenRecord | None = None
    code: CodeRecord | None = None
    device: DeviceRecord | None = None
