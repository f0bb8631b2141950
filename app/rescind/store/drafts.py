"""What the store is given to write, as the domain makes it."""

from dataclasses import dataclass

from rescind.store.records import MadeCode


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant that is to be written. It begins by the store's clock, and lives so many seconds."""

    id: str
    client_id: str
    subject: str | None
    session_sid: str | None
    offline_session_sid: str | None
    auth_time: int | None
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    tenant_epoch: int
    client_epoch: int
    subject_epoch: int
    lifetime_seconds: int


@dataclass(frozen=True, slots=True)
class NewTokens:
    """An access token and, where there is one, the refresh token with it; the strings only the caller knows.

    Attributes:
        scope: of the access token; a refresh token has all of the grant's.
        audience: of the access token, where it is not the grant's.
        lifetime_seconds: of the access token, which never outlives its grant.
        generation: the number of the refresh token; None for one that has a row of its own.
    """

    digest: bytes
    scope: tuple[str, ...]
    lifetime_seconds: int
    refresh_digest: bytes | None = None
    generation: int | None = None
    audience: tuple[str, ...] | None = None

    @property
    def has_row(self) -> bool:
        """Whether the refresh token has a row of its own: where it has no number."""
        return self.refresh_digest is not None and self.generation is None


@dataclass(frozen=True, slots=True)
class NewRevocation:
    """The event row of a revocation; its time is the store's.

    Attributes:
        is_noted: whether the end of a subject is told also where nothing was there to end.
    """

    id: str
    selector_kind: str
    selector_value: str
    grant_id: str | None
    cause: str
    reason: str | None
    actor: str
    client_id: str | None
    subject: str | None
    request_id: str | None
    kept_seconds: int
    is_noted: bool = False


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a device is to wait for, good for so long; its strings only the caller knows."""

    digest: bytes
    user_code_digest: bytes
    grant_id: str
    client_id: str
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    tenant_epoch: int
    client_epoch: int
    interval_seconds: int
    lifetime_seconds: int


@dataclass(frozen=True, slots=True)
class NewCode(MadeCode):
    """An authorization code that is to be written, good for so long; its string only the caller knows."""

    lifetime_seconds: int
