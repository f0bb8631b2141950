"""Clients that go on working while something is done to the store, and what they got."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.patience import LONG_SECONDS, wait_until
from tests.servers import NO_TLS, Client

THREADS = 4


@dataclass
class Traffic:
    """What was answered, and how long it took at most.

    Attributes:
        undone: tokens that were active behind the acknowledgement of their end.
    """

    statuses: "Counter[int]" = field(default_factory=Counter)
    longest_seconds: float = 0.0
    rounds: int = 0
    undone: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def unavailable_share(self) -> float:
        """What part of all answers was 503."""
        return self.statuses[503] / max(1, self.statuses.total())

    def __str__(self) -> str:
        """Say it in a line."""
        counted = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.rounds} rounds, {counted}, the longest took {self.longest_seconds:.2f} s"


class _Round:
    """One client: a token, asked about, ended, asked about again."""

    def __init__(self, client: Client, traffic: Traffic, http: httpx.Client) -> None:
        self._client, self._traffic, self._http = client, traffic, http

    def send(self, endpoint: str, **form: str) -> httpx.Response:
        """Send a request, and count its answer."""
        started = time.monotonic()
        reply = self._http.post(
            f"{self._client.tenant.path}/{endpoint}",
            data=form,
            headers={"Authorization": self._client.basic},
        )
        took = time.monotonic() - started
        self._traffic.statuses[reply.status_code] += 1
        self._traffic.longest_seconds = max(self._traffic.longest_seconds, took)
        return reply

    def run(self) -> None:
        """Go once round. What is answered with 503 ends it, as nothing is known then."""
        issued = self.send("token", grant_type="client_credentials")
        if issued.status_code != 200:
            return
        token = issued.json()["access_token"]
        self.send("introspect", token=token)
        if self.send("revoke", token=token).status_code != 200:
            return
        answer: dict[str, Any] = self.send("introspect", token=token).json()
        if answer.get("active") is True:
            self._traffic.undone.append(token)
        self._traffic.rounds += 1


@contextlib.contextmanager
def flowing(client: Client) -> Iterator[Traffic]:
    """Let clients go on for the time of the block."""
    traffic, is_over = Traffic(), threading.Event()

    def go_on() -> None:
        with httpx.Client(
            base_url=client.tenant.server.base_url, timeout=LONG_SECONDS, verify=NO_TLS
        ) as http:
            each = _Round(client, traffic, http)
            while not is_over.is_set():
                try:
                    each.run()
                except httpx.TransportError as error:
                    traffic.errors.append(repr(error))

    threads = [threading.Thread(target=go_on) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: traffic.rounds >= THREADS)
        yield traffic
        rounds = traffic.rounds
        wait_until(lambda: traffic.rounds >= rounds + THREADS)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
