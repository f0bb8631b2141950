"""Clients that say nothing, or stop in the middle, keep no thread from a revocation."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.patience import LONG_SECONDS, allowed
from tests.servers import FORM, SECRET_KEY, Server, gunicorn

SILENT = 40
HEAD = "POST /t/{tenant}/oauth2/revoke HTTP/1.1\r\nHost: rescind\r\n"
BEGUN = {
    "a body that was announced": "Content-Length: 100\r\n\r\nto",
    "a chunk that was announced": "Transfer-Encoding: chunked\r\n\r\nfffffff\r\nto",
    "a chunk with a bare LF": "Transfer-Encoding: chunked\r\n\r\n2\nto\n0\n\n",
}


@contextlib.contextmanager
def connected(server: Server, count: int = 1) -> Iterator[list[socket.socket]]:
    """Open connections on which nothing is sent."""
    address = urlsplit(server.base_url)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection((str(address.hostname), address.port or 80), timeout=LONG_SECONDS)
            )
            for _ in range(count)
        ]


@pytest.fixture
def impatient_url(store_url: str, tmp_path: Path) -> Iterator[str]:
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }
    application = "tests.web.serving.impatient:create_app()"
    with gunicorn(tmp_path / "log", environment, workers=1, application=application) as (base_url, _):
        yield base_url


def test_connections_on_which_nothing_is_said_keep_no_revocation_waiting(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()
    token = client.issue().access_token

    with connected(live_server, SILENT):
        began = time.monotonic()
        reply = client.revoke(token)
        took = time.monotonic() - began

    assert reply.status_code == 200
    assert took < allowed(1)


def test_a_connection_that_was_silent_for_a_while_is_served(live_server: Server) -> None:
    with connected(live_server) as (silent,):
        time.sleep(0.2)
        silent.sendall(b"GET /healthz HTTP/1.1\r\nHost: rescind\r\n\r\n")

        assert silent.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
def test_a_body_that_stops_is_refused(server: Server, impatient_url: str, begun: str) -> None:
    tenant = server.new_tenant()

    with connected(Server(server.authority, None, impatient_url)) as (stopping,):
        stopping.sendall((HEAD.format(tenant=tenant.name) + f"Content-Type: {FORM}\r\n" + begun).encode())
        began = time.monotonic()
        answer = stopping.recv(4096)
        took = time.monotonic() - began
        rest = b"".join(iter(lambda: stopping.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 400 "), answer + rest
    assert took < allowed(3)


def test_a_head_that_stops_is_not_waited_for(server: Server, impatient_url: str) -> None:
    with connected(Server(server.authority, None, impatient_url)) as (stopping,):
        stopping.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        began = time.monotonic()
        answer = stopping.recv(4096)

    assert answer == b""
    assert time.monotonic() - began < allowed(3)


def test_a_client_that_sends_a_byte_at_a_time_gains_no_time_by_it(server: Server, impatient_url: str) -> None:
    with connected(Server(server.authority, None, impatient_url)) as (dripping,):
        dripping.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        began = time.monotonic()
        dripping.settimeout(0.1)
        while time.monotonic() - began < LONG_SECONDS:
            with contextlib.suppress(TimeoutError):
                if dripping.recv(1) == b"":
                    break
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                dripping.sendall(b"a")

    assert time.monotonic() - began < allowed(3)
