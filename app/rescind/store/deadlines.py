"""Cut connections that a frozen server holds.

`statement_timeout` and `lock_timeout` are the server's own clocks: a server that is stopped, or a machine
that is gone without a word, never runs them, and the kernel goes on acknowledging what is sent. So one
thread a process looks at every unit of work under way and shuts the socket of one that takes too long;
the thread that waits on it then gets an ordinary connection error.
"""

import contextlib
import os
import socket
import threading
import time
from typing import Protocol

from rescind.store.forks import call_in_child


class Cuttable(Protocol):
    """What is asked of a driver's connection: the number of its socket."""

    def fileno(self) -> int:
        """Give the file descriptor of the connection's socket."""
        ...


class Deadlines:
    """The units of work under way in this process, each with the time at which its connection is cut."""

    def __init__(self, limit_seconds: float, look_every_seconds: float = 0.25) -> None:
        self._limit_seconds = limit_seconds
        self._look_every_seconds = look_every_seconds
        self._watcher: threading.Thread | None = None
        self._start_afresh()
        call_in_child(self._start_afresh)

    def arm(self, connection: Cuttable) -> None:
        """Start the clock of a connection that is taken from the pool, or start it again."""
        with self._lock:
            self._due[id(connection)] = (time.monotonic() + self._limit_seconds, connection)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="rescind-deadlines", daemon=True)
                self._watcher.start()

    def disarm(self, connection: Cuttable) -> None:
        """Stop the clock of a connection that goes back to the pool, or is closed."""
        with self._lock:
            self._due.pop(id(connection), None)

    def _start_afresh(self) -> None:
        self._lock = threading.Lock()
        self._due: dict[int, tuple[float, Cuttable]] = {}
        self._watcher = None

    def _watch(self) -> None:
        while True:
            time.sleep(self._look_every_seconds)
            with self._lock:
                # Cut under the lock: a connection that is still listed has not been given back, so
                # its descriptor cannot have been closed and taken by another file meanwhile.
                for key, (due, connection) in list(self._due.items()):
                    if time.monotonic() >= due:
                        del self._due[key]
                        _cut(connection)
                if not self._due:
                    self._watcher = None
                    return


def _cut(connection: Cuttable) -> None:
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)
