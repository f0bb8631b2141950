"""Cut connections that a frozen server holds.

`statement_timeout` and `lock_timeout` are the server's own clocks: a server that is stopped, or a machine
that is gone without a word, never runs them, and the kernel goes on acknowledging what is sent. Nor do they
bound a COMMIT that waits for a standby. So one thread a process looks at every unit of work under way and
shuts the socket of one that takes too long; the thread that waits on it gets an ordinary connection error.

A moment before, the server is asked to give up: one that lives would not see that its client has left, and
would keep a connection for each commit that waits, until it has none for those who only read.
"""

import contextlib
import os
import socket
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from rescind.store.forks import call_in_child

ASK_BEFORE_SECONDS = 1.0


class Cuttable(Protocol):
    """What is asked of a driver's connection."""

    def fileno(self) -> int:
        """Give the file descriptor of the connection's socket."""
        ...

    def cancel_safe(self, *, timeout: float) -> None:
        """Ask the server, on another connection, to give up the statement under way."""
        ...


@dataclass
class _Unit:
    connection: Cuttable
    due: float
    is_asked: bool = False


class Deadlines:
    """The units of work under way in this process, each with the time at which its connection is cut."""

    def __init__(self, limit_seconds: float, look_every_seconds: float = 0.25) -> None:
        self._limit_seconds = limit_seconds
        self._look_every_seconds = look_every_seconds
        self._is_watched = False
        self._start_afresh()
        call_in_child(self._start_afresh)

    def arm(self, connection: Cuttable) -> None:
        """Start the clock of a connection that is taken from the pool, or start it again."""
        with self._lock:
            self._units[id(connection)] = _Unit(connection, time.monotonic() + self._limit_seconds)
            if not self._is_watched:
                threading.Thread(target=self._watch, name="rescind-deadlines", daemon=True).start()
                self._is_watched = True

    def disarm(self, connection: Cuttable) -> None:
        """Stop the clock of a connection that goes back to the pool, or is closed."""
        with self._lock:
            self._units.pop(id(connection), None)

    def _start_afresh(self) -> None:
        self._lock = threading.Lock()
        self._units: dict[int, _Unit] = {}
        self._is_watched = False

    def _watch(self) -> None:
        while True:
            time.sleep(self._look_every_seconds)
            with self._lock:
                for key, unit in list(self._units.items()):
                    left = unit.due - time.monotonic()
                    # Cut under the lock: a connection that is still listed has not been given back, so
                    # its descriptor cannot have been closed and taken by another file meanwhile.
                    if left <= 0:
                        del self._units[key]
                        _cut(unit.connection)
                    elif left <= ASK_BEFORE_SECONDS and not unit.is_asked:
                        unit.is_asked = True
                        _ask(unit.connection)
                if not self._units:
                    self._is_watched = False
                    return


def _ask(connection: Cuttable) -> None:
    def cancel() -> None:
        with contextlib.suppress(Exception):
            connection.cancel_safe(timeout=ASK_BEFORE_SECONDS)

    # Of its own, as a frozen server does not answer this either.
    with contextlib.suppress(RuntimeError):
        threading.Thread(target=cancel, name="rescind-cancel", daemon=True).start()


def _cut(connection: Cuttable) -> None:
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)
