"""Rows of which the predicate has said something, and what follows from it."""


class Judged:
    """A row of which the predicate has said whether a decision or time has ended it."""

    __slots__ = ()

    is_ended: bool
    is_expired: bool

    @property
    def is_active(self) -> bool:
        """Tell whether it is neither ended nor expired (RFC 7662 section 2.2)."""
        return not (self.is_ended or self.is_expired)


class Suspendable(Judged):
    """One that also depends on its client, which may be disabled for a while."""

    __slots__ = ()

    is_suspended: bool

    @property
    def is_active(self) -> bool:
        """Tell whether it is not suspended either."""
        return not (self.is_ended or self.is_expired or self.is_suspended)
