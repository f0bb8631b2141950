"""The one clock: whole seconds since 1970, UTC. A test can set it."""

import time

_set_at: int | None = None


def now() -> int:
    """Give the present time."""
    return int(time.time()) if _set_at is None else _set_at


def set(at: int | None) -> None:
    """Stop the clock at a time (for tests), or let it go on (None)."""
    global _set_at
    _set_at = at
