"""Tell for whom a session of PostgreSQL waits, while it does: a migration may have to wait for long."""

import contextlib
import threading
from collections.abc import Iterator

from rescind.errors import StoreUnavailable
from rescind.store.altering import Tell
from rescind.store.engine import Store

LOOK_EVERY_SECONDS = 1.0
TELL_EVERY_SECONDS = 10.0

_BLOCKERS = """
SELECT a.pid, coalesce(nullif(a.application_name, ''), 'no name'), coalesce(a.state, 'unknown'),
    CAST(extract(epoch FROM clock_timestamp() - a.xact_start) AS INTEGER)
FROM unnest(pg_blocking_pids(CAST(%s AS INTEGER))) AS blocking (pid)
JOIN pg_stat_activity AS a ON a.pid = blocking.pid
ORDER BY a.xact_start
"""


@contextlib.contextmanager
def told(store: Store, pid: int, tell: Tell) -> Iterator[None]:
    """Tell for whom a session waits, for the time of the block; for the same one not at every look.

    Args:
        store: on which another connection is free.
        pid: of the session.
    """
    is_over = threading.Event()
    watching = threading.Thread(target=_watch, args=(store, pid, tell, is_over), daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()


def _watch(store: Store, pid: int, tell: Tell, is_over: threading.Event) -> None:
    told_looks: dict[int, int] = {}
    most = TELL_EVERY_SECONDS / LOOK_EVERY_SECONDS
    while not is_over.wait(LOOK_EVERY_SECONDS):
        for blocker, name, state, seconds in _blockers(store, pid):
            looks = told_looks.get(blocker, 0)
            told_looks[blocker] = looks + 1
            if looks % most == 0:
                since = "" if seconds is None else f", in a transaction for {seconds} s"
                tell(f"Waiting for process {blocker} of PostgreSQL ({name}, {state}{since}).")


def _blockers(store: Store, pid: int) -> list[tuple[int, str, str, int | None]]:
    with contextlib.suppress(StoreUnavailable), store.opened() as connection:
        return [(a, b, c, d) for a, b, c, d in connection.exec_driver_sql(_BLOCKERS, (pid,))]
    return []
