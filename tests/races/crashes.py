"""Workers and servers that are killed, and what became of the revocations that were under way."""

import contextlib
import http.client
import os
import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

from tests.patience import LONG_SECONDS
from tests.races.arena import Arena, is_active
from tests.races.contenders import Connection, fresh
from tests.servers import Client

THREADS = 8


def kill_server(arena: Arena) -> None:
    """Kill the master and both workers, so that none of them can put anything in order."""
    for pid in {arena.master_pid, *(connection.pid for connection in arena.connections)}:
        os.kill(pid, signal.SIGKILL)


class Stream:
    """Revocations over eight connections at once, each of another token.

    Only a whole answer 200 is an acknowledgement. After a broken connection or any other status it is
    unknown what became of the token (RFC 7009 section 2.2.1: the client must assume that it still exists).

    Attributes:
        acknowledged: tokens whose revocation was answered 200.
        unknown: the other ones.
        in_flight_at_kills: for each worker that was killed, how many requests it had just then.
    """

    def __init__(self, arena: Arena, client: Client, tokens: Sequence[str], kill_at: Sequence[int]) -> None:
        self._arena, self._client = arena, client
        self._kill_at = list(kill_at)
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for token in tokens:
            self._waiting.put(token)
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []
        self.in_flight_at_kills: list[int] = []
        self._in_flight: Counter[int] = Counter()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Revoke every token once; when so many are acknowledged, kill the worker that has most requests."""
        with ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(self._work) for _ in range(THREADS)]:
                future.result()

    def still_active(self, tokens: Sequence[str]) -> list[str]:
        """Give those of the tokens that are active, as a new connection is told."""
        with fresh(self._arena.server.base_url) as connection:
            return [token for token in tokens if is_active(connection, self._client, token)]

    def repeat_unknown(self) -> set[int]:
        """Send again what is unknown, and give the statuses."""
        with fresh(self._arena.server.base_url) as connection:
            return {self._revoke(connection, token) for token in self.unknown}

    def _work(self) -> None:
        connection = self._connect()
        with contextlib.suppress(queue.Empty):
            while True:
                token = self._waiting.get_nowait()
                status = 0
                with self._counted(connection.pid), contextlib.suppress(OSError, http.client.HTTPException):
                    status = self._revoke(connection, token)
                self._note(token, status)
                if status == 0:
                    connection.close()
                    connection = self._connect()
        connection.close()

    def _revoke(self, connection: Connection, token: str) -> int:
        return connection.post(self._client, "revoke", token=token).status

    def _connect(self) -> Connection:
        until = time.monotonic() + LONG_SECONDS
        while True:
            connection = Connection(self._arena.server.base_url)
            try:
                connection.find_worker()
            except (OSError, http.client.HTTPException):
                connection.close()
                assert time.monotonic() < until, "no worker came up again"
            else:
                return connection

    @contextlib.contextmanager
    def _counted(self, pid: int) -> Iterator[None]:
        with self._lock:
            self._in_flight[pid] += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_flight[pid] -= 1

    def _note(self, token: str, status: int) -> None:
        with self._lock:
            (self.acknowledged if status == 200 else self.unknown).append(token)
            if self._kill_at and len(self.acknowledged) >= self._kill_at[0]:
                pid, in_flight = max(self._in_flight.items(), key=itemgetter(1), default=(0, 0))
                # Where no other request is under way the next acknowledgement decides.
                if in_flight > 0:
                    os.kill(pid, signal.SIGKILL)
                    self._kill_at.pop(0)
                    self.in_flight_at_kills.append(in_flight)
                    del self._in_flight[pid]
