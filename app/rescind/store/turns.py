"""A fair turn at a SQLite file, between processes.

SQLite's own busy handler sleeps and tries again, so a process that writes all the time keeps another from
ever writing. Here a writer first takes `next`, then waits for `turn` and gives `next` up: whoever has just
written must get `next`, which the one that waits already holds. Threads of one process queue before that.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator

from rescind.errors import StoreUnavailable
from rescind.store.forks import call_in_child

LOOK_EVERY_SECONDS = 0.001


class Turns:
    """The right to write to one SQLite file. The locks are two empty files beside it."""

    def __init__(self, database_path: str, wait_seconds: float) -> None:
        self._path = f"{database_path}-turn"
        self._wait_seconds = wait_seconds
        self._start_afresh()
        call_in_child(self._start_afresh)

    def _start_afresh(self) -> None:
        self._threads = threading.Lock()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn.

        Raises:
            StoreUnavailable: it was not given within the wait.
        """
        until = time.monotonic() + self._wait_seconds
        if not self._threads.acquire(timeout=self._wait_seconds):
            raise StoreUnavailable("The SQLite file is busy: its writers are queueing.")
        try:
            next_ = self._take("next", until)
            try:
                turn = self._take("turn", until)
            finally:
                _give_up(next_)
            try:
                yield
            finally:
                _give_up(turn)
        finally:
            self._threads.release()

    def _take(self, name: str, until: float) -> int:
        try:
            descriptor = os.open(f"{self._path}.{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailable("The folder of the SQLite file can't be written.") from error
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= until:
                    os.close(descriptor)
                    raise StoreUnavailable("The SQLite file is busy: another process is writing.") from None
                time.sleep(LOOK_EVERY_SECONDS)
            else:
                return descriptor


def _give_up(descriptor: int) -> None:
    # A child forked meanwhile has the file open too, and would hold the lock on after it is closed here.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)
