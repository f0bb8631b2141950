"""Clients that do not take their answers, and connections that give way to others, keep nobody waiting."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.patience import LONG_SECONDS, allowed, wait_until
from tests.servers import SECRET_KEY, gunicorn

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: rescind\r\n\r\n"
MISSING = HEALTH.replace(b"healthz", b"missing")
THREADS = 2
# More than both sides of a connection hold: each answer is longer than its request.
MOST_REQUESTS = 200_000


@pytest.fixture
def environment(store_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }


@pytest.fixture
def impatient_url(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    application = "tests.web.serving.impatient:create_app()"
    server = gunicorn(tmp_path / "log", environment, workers=1, threads=THREADS, application=application)
    with server as (base_url, _):
        yield base_url


@pytest.fixture
def plain_url(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with gunicorn(tmp_path / "log", environment, workers=1, threads=THREADS) as (base_url, _):
        yield base_url


def unread(base_url: str) -> socket.socket:
    """Connect, with little room for what comes back."""
    address = urlsplit(base_url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect((str(address.hostname), address.port or 80))
    # On a machine that is busy the server pauses for longer, with room left for what it has not read.
    connection.settimeout(allowed(0.3))
    return connection


def fill(connection: socket.socket, request: bytes) -> None:
    """Ask until nothing more is taken; the answers are not read."""
    with contextlib.suppress(OSError):
        for _ in range(MOST_REQUESTS // 100):
            connection.sendall(request * 100)


def seconds_of(url: str) -> float:
    """Ask on a new connection, and tell how long it took."""
    began = time.monotonic()
    httpx.get(url, timeout=LONG_SECONDS)
    return time.monotonic() - began


def test_health_is_told_while_a_client_asks_for_it_and_does_not_read(plain_url: str) -> None:
    with unread(plain_url) as asking:
        fill(asking, HEALTH)

        assert seconds_of(f"{plain_url}/healthz") < allowed(0.5)


def test_clients_that_ask_and_do_not_read_keep_no_thread(plain_url: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(THREADS):
            fill(stack.enter_context(unread(plain_url)), MISSING)

        assert seconds_of(f"{plain_url}/missing") < allowed(0.5)


def test_an_answer_that_is_not_taken_is_given_up(impatient_url: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(THREADS):
            stack.enter_context(unread(impatient_url)).sendall(HEALTH.replace(b"healthz", b"large"))
        time.sleep(0.2)

        # What the kernel has taken lengthens the second that they have.
        assert seconds_of(f"{impatient_url}/missing") < LONG_SECONDS / 2


def test_a_large_answer_that_is_taken_comes_whole(impatient_url: str) -> None:
    assert len(httpx.get(f"{impatient_url}/large", timeout=LONG_SECONDS).content) == 32_000_000


def test_a_connection_that_gives_way_in_the_moment_it_becomes_ready_harms_no_other(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= {"GUNICORN_CMD_ARGS": "--worker-connections 20"}
    with (
        gunicorn(tmp_path / "log", environment, workers=1) as (base_url, master),
        contextlib.ExitStack() as stack,
    ):
        address = urlsplit(base_url)

        def connect() -> socket.socket:
            there = (str(address.hostname), address.port or 80)
            return stack.enter_context(socket.create_connection(there, timeout=LONG_SECONDS))

        waiting = [connect() for _ in range(19)]
        time.sleep(0.2)
        (worker,) = workers_of(master.pid)
        os.kill(worker, signal.SIGSTOP)
        newer = connect()
        for connection in waiting:
            connection.sendall(HEALTH)
        os.kill(worker, signal.SIGCONT)
        answers = [connection.recv(4096) for connection in waiting[1:]]
        newer.sendall(HEALTH)

        assert {answer[:13] for answer in answers} == {b"HTTP/1.1 200 "}
        assert newer.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert workers_of(master.pid) == [worker]


def workers_of(master: int) -> list[int]:
    """Give the processes that a server has made."""
    found = Path(f"/proc/{master}/task/{master}/children")
    wait_until(lambda: found.read_text().strip() != "")
    return [int(each) for each in found.read_text().split()]
