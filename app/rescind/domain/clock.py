"""The time of this host: what it signs, and what its forms are dated with. A test can set it.

What ends or expires is decided by the store's clock, in the statements themselves (`rescind.store.clock`).
"""

from rescind.store import clock


def now() -> int:
    """Give the present time, whole seconds since 1970, UTC."""
    return clock.host_time()


def set(at: int | None) -> None:
    """Stop this clock and the store's at a time (for tests), or let them go on (None)."""
    clock.set(at)


def follow_host(*, is_followed: bool = True) -> None:
    """Let this host's clock decide what ends and expires on PostgreSQL too, for tests that move it."""
    clock.follow_host(is_followed=is_followed)
