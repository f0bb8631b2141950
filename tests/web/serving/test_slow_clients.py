"""Clients that say nothing, or stop in the middle, keep no thread from a revocation."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.patience import LONG_SECONDS, allowed
from tests.servers import FORM, SECRET_KEY, Server, gunicorn

SILENT = 40
HEAD = "POST /t/{tenant}/oauth2/revoke HTTP/1.1\r\nHost: rescind\r\n"
BEGUN = {
    "a body that was announced": "Content-Length: 100\r\n\r\nto",
    "a chunk that was announced": "Transfer-Encoding: chunked\r\n\r\nff\r\nto",
    "a chunk with a bare LF": "Transfer-Encoding: chunked\r\n\r\n2\nto\n0\n\n",
}

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: rescind\r\n\r\n"
STOPPED = {
    "two bytes": b"GE",
    "a head": HEALTH[:-2],
    "a body": f"{HEAD.format(tenant='x')}Content-Type: {FORM}\r\nContent-Length: 9\r\n\r\nto".encode(),
    "a body in chunks": f"{HEAD.format(tenant='x')}Transfer-Encoding: chunked\r\n\r\n5\r\nto".encode(),
    "the next request": HEALTH + b"GE",
}
TOO_LARGE = {
    "by its length": "Content-Length: 70000\r\n\r\nto",
    "by a chunk": "Transfer-Encoding: chunked\r\n\r\n11170\r\nto",
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


@pytest.mark.parametrize("begun", STOPPED.values(), ids=STOPPED)
def test_connections_that_stop_in_a_request_keep_nobody_waiting(live_server: Server, begun: bytes) -> None:
    client = live_server.new_tenant().new_client()
    token = client.issue().access_token

    with connected(live_server, SILENT) as stopping, live_server.http() as http:
        for each in stopping:
            each.sendall(begun)
        began = time.monotonic()
        health = http.get("/healthz")
        reply = client.revoke(token)
        took = time.monotonic() - began

    assert (health.status_code, reply.status_code) == (200, 200)
    assert took < allowed(1)
    assert not client.is_active(token)


def test_a_client_that_does_not_close_keeps_nobody_waiting(live_server: Server) -> None:
    closing = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    with connected(live_server, SILENT) as asking, live_server.http() as http:
        for each in asking:
            each.sendall(closing)
        answers = [each.recv(4096) for each in asking]
        began = time.monotonic()
        health = http.get("/healthz")
        took = time.monotonic() - began

    assert {answer[:13] for answer in answers} == {b"HTTP/1.1 200 "}
    assert health.status_code == 200
    assert took < allowed(1)


def test_new_connections_are_taken_in_the_place_of_those_that_wait(store_url: str, tmp_path: Path) -> None:
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
        "GUNICORN_CMD_ARGS": "--worker-connections 20",
    }
    with gunicorn(tmp_path / "log", environment, workers=1) as (base_url, _):
        address = urlsplit(base_url)
        with contextlib.ExitStack() as stack:
            for _ in range(3 * SILENT):
                stack.enter_context(socket.create_connection((str(address.hostname), address.port or 80)))
            began = time.monotonic()
            health = httpx.get(f"{base_url}/healthz", timeout=LONG_SECONDS)
            took = time.monotonic() - began

    assert health.status_code == 200
    assert took < allowed(1)


def test_health_is_told_while_every_thread_waits(store_url: str, tmp_path: Path) -> None:
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }
    application = "tests.web.serving.unhurried:create_app()"
    server = gunicorn(tmp_path / "log", environment, workers=1, threads=2, application=application)
    with server as (base_url, _), contextlib.ExitStack() as stack:
        address = urlsplit(base_url)
        for _ in range(4):
            waiting = socket.create_connection((str(address.hostname), address.port or 80))
            stack.enter_context(waiting).sendall(b"GET /long HTTP/1.1\r\nHost: rescind\r\n\r\n")
        began = time.monotonic()
        health = httpx.get(f"{base_url}/healthz", timeout=LONG_SECONDS)
        took = time.monotonic() - began

    assert health.status_code == 200
    assert took < allowed(1)


@pytest.mark.parametrize("begun", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_body_that_announces_too_much_is_refused_before_it_comes(
    server: Server, impatient_url: str, begun: str
) -> None:
    tenant = server.new_tenant()

    with connected(Server(server.authority, None, impatient_url)) as (large,):
        began = time.monotonic()
        large.sendall((HEAD.format(tenant=tenant.name) + f"Content-Type: {FORM}\r\n" + begun).encode())
        answer = large.recv(4096)
        took = time.monotonic() - began

    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert took < allowed(0.8)


def test_what_is_no_request_is_refused_at_once(live_server: Server) -> None:
    with connected(live_server) as (other,):
        began = time.monotonic()
        other.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        answer = other.recv(4096)
        took = time.monotonic() - began

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/json" in answer
    assert took < allowed(1)


def test_requests_that_come_in_pieces_and_behind_each_other_are_all_answered(live_server: Server) -> None:
    asked = HEALTH * 2 + HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    with connected(live_server) as (slow,):
        for start in range(0, len(asked), 11):
            slow.sendall(asked[start : start + 11])
            time.sleep(0.005)
        answers = b"".join(iter(lambda: slow.recv(4096), b""))

    assert answers.count(b"HTTP/1.1 200 ") == 3


def test_a_client_that_waits_for_a_word_before_it_sends_the_body_gets_it(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()
    token = client.issue().access_token
    body = f"token={token}".encode()
    head = (
        HEAD.format(tenant=client.tenant.name) + f"Content-Type: {FORM}\r\nAuthorization: {client.basic}\r\n"
    )

    with connected(live_server) as (asking,):
        asking.sendall(f"{head}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        word = asking.recv(4096)
        asking.sendall(body)
        answer = asking.recv(4096)
        while b"HTTP/1.1 200 " not in answer:
            answer += asking.recv(4096)

    assert word.startswith(b"HTTP/1.1 100 ")
    assert (word + answer).count(b"HTTP/1.1 100 ") == 1
    assert not client.is_active(token)


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
