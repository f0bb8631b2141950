"""What the statements give back: rows as plain, frozen values. Times are whole seconds since 1970, UTC."""

from dataclasses import dataclass

from rescind.store.device_records import DeviceRecord
from rescind.store.judged import Judged, Suspendable
from rescind.store.people_records import PersonRecord


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A tenant, with its epoch as this request read it.

    Attributes:
        read_at: the store's time when it was read. What this request judges by time, it judges by this.
        standing: the server that it was read on, where what it says is to be vouched for (`Store.vouch`).
        refreshing: what an operator has set of it for refresh tokens, a JSON text; None for nothing. All that
            is set may be long, and is not read with each request.
        default_resource: what tokens are meant for where none is asked for.
    """

    id: int
    name: str
    epoch: int
    disabled_at: int | None
    created_at: int
    refreshing: str | None
    read_at: int
    standing: str | None
    default_resource: str | None


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
    # Of one whose id is the URL of its document: until when that is good.
    document_expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class GrantRecord(Suspendable):
    """A grant and what the predicate says of it.

    Attributes:
        generation: the number of the refresh token that is good now; None where refresh tokens have rows.
        left_seconds: until time ends it, or its session that is not renewed.
    """

    id: str
    client_id: str
    subject: str | None
    session_sid: str | None
    offline_session_sid: str | None
    auth_time: int | None
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    created_at: int
    expires_at: int
    generation: int | None
    left_seconds: int
    is_ended: bool
    is_expired: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class SessionRecord(Judged):
    """A session and what the predicate says of it. The epochs are its own, from when it began.

    Attributes:
        user_agent: the browser and the system that it was begun with, in words; None if they are not known.
        seen_at: when it was last used at one of our pages, to some minutes.
    """

    sid: str
    subject: str
    auth_time: int
    tenant_epoch: int
    subject_epoch: int
    expires_at: int
    user_agent: str | None
    seen_at: int | None
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
        audience: the resources that it is meant for, as they were asked for; none where that is not said.
        has_row: whether it has a row of its own, as refresh tokens of earlier versions have.
        ends_alone: its client is set to revoke single access tokens, not their grants.
        read_at: the store's time when it was read.
        left_scope: all that it may have still, where what its client may have now counts; else None.
        used_at: when a personal one was last used, as far as that was noted.
    """

    grant: GrantRecord
    digest: bytes
    kind: str
    given_scope: tuple[str, ...]
    left_scope: tuple[str, ...] | None
    used_at: int | None
    audience: tuple[str, ...]
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

    @property
    def scope(self) -> tuple[str, ...]:
        """The scope that it has now."""
        left = self.left_scope
        return self.given_scope if left is None else tuple(each for each in self.given_scope if each in left)


@dataclass(frozen=True, slots=True)
class MadeCode:
    """What an authorization code is made with. One of the version before says nothing of an audience."""

    digest: bytes
    grant_id: str
    client_id: str
    subject: str
    session_sid: str | None
    scope: tuple[str, ...]
    audience: tuple[str, ...] | None
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    auth_time: int | None
    tenant_epoch: int
    client_epoch: int
    subject_epoch: int


@dataclass(frozen=True, slots=True)
class CodeRecord(MadeCode):
    """An authorization code, and what the predicate says of what it was made under.

    Attributes:
        session_left_seconds: until the session that it names is over; None where it names none.
    """

    redeemed_at: int | None
    session_left_seconds: int | None
    is_ended: bool
    is_expired: bool
    is_suspended: bool


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
class Admitted:
    """What the first read of a request brings: its tenant, and what it names there, if that is there.

    Attributes:
        resources: those of the asked ones, in canonical form, that a resource server answers for.
        person: the user whom the token or code is about, where that was asked for too.
    """

    tenant: TenantRecord
    client: ClientRecord | None = None
    token: TokenRecord | None = None
    code: CodeRecord | None = None
    resources: tuple[str, ...] | None = None
    person: PersonRecord | None = None
    device: DeviceRecord | None = None
