"""What a device waits for, as statements give it back. Times are whole seconds since 1970, UTC."""

from dataclasses import dataclass

from rescind.store.judged import Suspendable


@dataclass(frozen=True, slots=True)
class DeviceRecord(Suspendable):
    """What a device waits for, and what the predicate says of what it was begun and allowed under.

    Attributes:
        subject: who has allowed it, in which session and under which epoch; None as long as nobody has.
        session_left_seconds: until that session is over.
    """

    digest: bytes
    grant_id: str
    client_id: str
    subject: str | None
    session_sid: str | None
    scope: tuple[str, ...]
    audience: tuple[str, ...] | None
    auth_time: int | None
    tenant_epoch: int
    client_epoch: int
    subject_epoch: int | None
    interval_seconds: int
    allowed_at: int | None
    denied_at: int | None
    redeemed_at: int | None
    session_left_seconds: int | None
    is_ended: bool
    is_expired: bool
    is_suspended: bool

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still say yes or no to it."""
        return self.is_active and self.allowed_at is None and self.denied_at is None
