"""What gunicorn can not read as a request, and methods that somebody makes up: answered, and not repeated."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import stores
from tests.patience import LONG_SECONDS, wait_until
from tests.servers import SECRET_KEY, gunicorn

# Nothing that is known for a secret by its look, or by what stands before it.
WORD = "OpenSesame"
CHUNKED = f"POST /{WORD} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "a line that is none": f"{WORD}\r\n\r\n",
    "a version that is none": f"GET /{WORD} HTTP/{WORD}\r\n\r\n",
    "a method that is none": f"{WORD}! / HTTP/1.1\r\n\r\n",
    "a header that is none": f"GET / HTTP/1.1\r\n{WORD}\r\n\r\n",
    "a name of a header that is none": f"GET / HTTP/1.1\r\n{WORD} x: 1\r\n\r\n",
    "two lengths": f"POST /{WORD} HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: {WORD}\r\n\r\n",
    "a line that is too long": f"GET /{WORD * 7000} HTTP/1.1\r\n\r\n",
    "a line that does not end": f"GET /{WORD * 7000}",
    "a header that does not end": f"GET / HTTP/1.1\r\nCookie: {WORD * 900}",
    "headers that do not end": "GET / HTTP/1.1\r\n" + f"X: {WORD}\r\n" * 110,
    "headers that are too long": "GET / HTTP/1.1\r\n" + f"X: {WORD * 800}\r\n" * 9,
    "a header that is too long": f"GET / HTTP/1.1\r\nCookie: {WORD * 2000}\r\n\r\n",
    "a length that begins with many zeros": f"POST /{WORD} HTTP/1.1\r\nContent-Length: {'0' * 20}5\r\n\r\n",
    "a chunk of too many digits": f"{CHUNKED}{'0' * 15}5\r\n",
    "a last chunk of too many digits": f"{CHUNKED}{'0' * 16}\r\n",
    "a long extension of a chunk": f"{CHUNKED}1;{WORD * 10}\r\nx\r\n",
    "an extension that does not end": f"{CHUNKED}1;{WORD * 10}",
    "thousands of tiny chunks": CHUNKED + "1\r\nx\r\n" * 2000,
    "a trailer that does not end": f"{CHUNKED}0\r\nX: {WORD * 1000}",
    "a coding that is none": f"POST / HTTP/1.1\r\nTransfer-Encoding: {WORD}\r\n\r\n",
}


@dataclass
class Running:
    """A server, and what it writes."""

    port: int
    log: Path

    def send(self, text: str) -> str:
        """Send to the letter, and read until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONG_SECONDS) as connection:
            connection.sendall(text.encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def records(self, event: str) -> list[dict[str, Any]]:
        """Read the lines of the log that begin so."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"].startswith(event)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run a server."""
    folder = tmp_path_factory.mktemp("unreadable")
    environment = {
        "RESCIND_DATABASE_URL": stores.new_migrated_file(folder / "rescind.sqlite3"),
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
        # Where its fast parser is not installed gunicorn has this one, which repeats what it could not read.
        "GUNICORN_CMD_ARGS": "--http-parser python",
    }
    with gunicorn(folder / "log", environment, workers=1) as (base_url, _):
        yield Running(int(base_url.rpartition(":")[2]), folder / "log")


@pytest.mark.requirement("LOG-01")
@pytest.mark.parametrize("broken", BROKEN)
def test_of_what_can_not_be_read_the_log_keeps_whose_it_was_and_no_word(
    running: Running, broken: str
) -> None:
    before = len(running.records("Invalid request from ip=127.0.0.1"))

    running.send(BROKEN[broken])

    wait_until(lambda: len(running.records("Invalid request from ip=127.0.0.1")) > before)
    assert WORD.lower() not in running.log.read_text().lower()


@pytest.mark.requirement("HYG-02")
@pytest.mark.parametrize("broken", BROKEN)
def test_it_is_answered_in_json_that_nobody_keeps_or_takes_for_a_page(running: Running, broken: str) -> None:
    head, _, body = running.send(BROKEN[broken]).partition("\r\n\r\n")

    status, *headers = head.split("\r\n")
    named = {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}
    assert status.split()[1][0] in "45"
    assert named.get("cache-control") == "no-store"
    assert named.get("x-content-type-options") == "nosniff"
    assert named.get("content-type") == "application/json"
    assert json.loads(body)["error"] == "invalid_request"
    assert WORD.lower() not in (head + body).lower()


@pytest.mark.requirement("LOG-01")
@pytest.mark.parametrize("method", ["SESAME", "OPEN-SESAME", "OPENSESAMEOPENSESAME"])
def test_a_method_that_somebody_made_up_is_logged_as_another(running: Running, method: str) -> None:
    before = len(running.records("request"))

    answer = running.send(f"{method} /t/x/oauth2/revoke HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert answer.startswith("HTTP/1.1 ")
    wait_until(lambda: len(running.records("request")) > before)
    assert {line["method"] for line in running.records("request")} <= {"GET", "other"}
    assert "SESAME" not in running.log.read_text()
