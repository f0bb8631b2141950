"""What races: a request on a kept connection, or a revocation by this process.

A request is held back by the last byte of its body. By then a thread of the worker has read its head and
waits, so that all that is left to do when the byte comes is the request itself, from its first read on.
"""

import contextlib
import http.client
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from rescind.domain.authority import Authority
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.revoking.selectors import Selector
from rescind.errors import StoreUnavailable
from tests.patience import LONG_SECONDS
from tests.races.instrumented import PID_HEADER, UNITS_HEADER, Unit, from_text, measuring
from tests.servers import CALLBACK, FORM, VERIFIER, Client

WAITING_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one contender: its process, its status as HTTP has it, and when it was at the store."""

    pid: int
    status: int
    body: dict[str, Any]
    units: list[Unit]

    @property
    def began_ns(self) -> int:
        """When its first unit of work began."""
        return self.units[0].began_ns

    @property
    def ended_ns(self) -> int:
        """When its last unit of work had committed."""
        return self.units[-1].ended_ns

    def overlaps(self, other: "Answer") -> bool:
        """Tell whether both were at the store at one moment, in two processes."""
        return self.pid != other.pid and max(self.began_ns, other.began_ns) < min(
            self.ended_ns, other.ended_ns
        )


class Contender(Protocol):
    """One side of a race."""

    def prepare(self) -> None:
        """Do all that can be done beforehand."""

    def release(self) -> None:
        """Let it go."""

    def answer(self) -> Answer:
        """Wait for the answer."""
        ...


class Connection:
    """One connection to a server, kept open. `pid` is the worker that answered last."""

    def __init__(self, base_url: str) -> None:
        self._http = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=LONG_SECONDS)
        self.pid = 0

    def hold(self, client: Client, endpoint: str, form: dict[str, str]) -> bytes:
        """Send a request but for the last byte, and give that."""
        body = urlencode(form).encode()
        self._http.putrequest("POST", f"{client.tenant.path}/{endpoint}")
        self._http.putheader("Authorization", client.basic)
        self._http.putheader("Content-Type", FORM)
        self._http.putheader("Content-Length", str(len(body)))
        self._http.endheaders(body[:-1])
        return body[-1:]

    def release(self, last_byte: bytes) -> None:
        """Send what was held back."""
        self._http.send(last_byte)

    def answer(self) -> Answer:
        """Read the answer."""
        response = self._http.getresponse()
        text = response.read()
        self.pid = int(response.headers[PID_HEADER])
        units = from_text(response.headers[UNITS_HEADER])
        return Answer(self.pid, response.status, json.loads(text) if text else {}, units)

    def post(self, client: Client, endpoint: str, **form: str) -> Answer:
        """Send a request and read the answer."""
        self.release(self.hold(client, endpoint, form))
        return self.answer()

    def find_worker(self) -> int:
        """Ask which worker this connection goes to."""
        self._http.request("GET", "/healthz")
        self.answer()
        return self.pid

    def close(self) -> None:
        """Close it."""
        self._http.close()


@contextlib.contextmanager
def fresh(base_url: str) -> Iterator[Connection]:
    """Give a new connection."""
    with contextlib.closing(Connection(base_url)) as connection:
        yield connection


def to_both_workers(base_url: str, each: int) -> list[Connection]:
    """Open connections to both workers, so many to each, and give them in turn: first, second, first, …"""
    with fresh(base_url) as first:
        pid = first.find_worker()
    others = _past(pid, base_url, each)
    own = _past(others[0].pid, base_url, each)
    return [connection for pair in zip(own, others, strict=True) for connection in pair]


def _past(pid: int, base_url: str, count: int) -> list[Connection]:
    """Open connections while one worker is stopped, so that the other one takes them."""
    os.kill(pid, signal.SIGSTOP)
    try:
        connections = [Connection(base_url) for _ in range(count)]
        assert {connection.find_worker() for connection in connections} != {pid}
    finally:
        os.kill(pid, signal.SIGCONT)
    return connections


@dataclass(frozen=True, slots=True)
class Request:
    """A POST of a client to an endpoint."""

    connection: Connection
    client: Client
    endpoint: str
    form: dict[str, str]
    _held: list[bytes]

    @classmethod
    def refresh(cls, connection: Connection, client: Client, refresh_token: str) -> "Request":
        """Refresh (RFC 6749 section 6)."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return cls(connection, client, "token", form, [])

    @classmethod
    def exchange(cls, connection: Connection, client: Client, code: str) -> "Request":
        """Exchange a code that `mint_code` made (RFC 6749 section 4.1.3)."""
        shown = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return cls(connection, client, "token", {"grant_type": "authorization_code", **shown}, [])

    @classmethod
    def revoke(cls, connection: Connection, client: Client, token: str) -> "Request":
        """Revoke (RFC 7009)."""
        return cls(connection, client, "revoke", {"token": token}, [])

    @classmethod
    def issue(cls, connection: Connection, client: Client) -> "Request":
        """Get a token for the client itself (RFC 6749 section 4.4)."""
        return cls(connection, client, "token", {"grant_type": "client_credentials"}, [])

    def prepare(self) -> None:
        """Send all but the last byte."""
        self._held.append(self.connection.hold(self.client, self.endpoint, self.form))

    def release(self) -> None:
        """Send the last byte."""
        self.connection.release(self._held.pop())

    def answer(self) -> Answer:
        """Read the answer."""
        return self.connection.answer()


class Operator:
    """A revocation by this process, which works on the store beside the workers, as a command would."""

    _thread = ThreadPoolExecutor(1, "operator")

    def __init__(self, authority: Authority, selector: Selector) -> None:
        self._authority = authority
        self._selector = selector
        self._answer: Future[Answer] | None = None

    def prepare(self) -> None:
        """There is nothing to do beforehand."""

    def release(self) -> None:
        """Start the revocation."""
        self._answer = self._thread.submit(self._revoke)

    def answer(self) -> Answer:
        """Wait until it is committed."""
        assert self._answer is not None, "it was not released"
        return self._answer.result(LONG_SECONDS)

    def _revoke(self) -> Answer:
        with measuring() as units:
            try:
                done = revoke(self._authority, self._selector, Cause(OPERATOR, "operator:races"))
            except StoreUnavailable:
                return Answer(os.getpid(), 503, {}, units)
            return Answer(os.getpid(), 200, {"revoked": done.revoked}, units)


def race(contenders: Sequence[Contender], offset_seconds: float = 0) -> list[Answer]:
    """Let contenders go at once, and give their answers.

    Args:
        offset_seconds: how much later each is let go than the one before.
    """
    for contender in contenders:
        contender.prepare()
    time.sleep(WAITING_SECONDS)
    for contender in contenders:
        contender.release()
        if offset_seconds:
            time.sleep(offset_seconds)
    return [contender.answer() for contender in contenders]
