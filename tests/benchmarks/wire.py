"""HTTP/1.1 on a bare socket: cheap enough that what is measured is the server."""

import re
import socket
from dataclasses import dataclass

# Nothing is imported here that takes long to import: each process of the load generator would pay for it.
FORM = "application/x-www-form-urlencoded"
TIMEOUT_SECONDS = 30
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# These two differ between any two answers.
_VARYING = re.compile(rb"\r\n(?:date|x-request-id):[^\r]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its status line with the headers, and its body."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """Its status."""
        return int(self.head[9:12])

    @property
    def comparable(self) -> bytes:
        """All of its bytes but the date and the request id."""
        return _VARYING.sub(b"", self.head) + b"\r\n\r\n" + self.body


def get(path: str) -> bytes:
    """Write a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, authorization: str, form: str) -> bytes:
    """Write a POST request with a form that is encoded already."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\nAccept: */*\r\n"
    return f"{head}Content-Type: {FORM}\r\nContent-Length: {len(form)}\r\n\r\n{form}".encode()


def connect(port: int) -> socket.socket:
    """Open a connection that is kept for many requests."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def parse(received: bytes) -> Answer | None:
    """Read an answer that has a length; None as long as a part of it is missing."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return None
    length = _LENGTH.search(head)
    if length is None:
        raise ConnectionError(f"an answer without a length: {head!r}")
    return Answer(head, body) if len(body) >= int(length[1]) else None


def exchange(connection: socket.socket, request: bytes) -> Answer:
    """Send a request and wait for the whole answer."""
    connection.sendall(request)
    received = b""
    while (answer := parse(received)) is None:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        received += piece
    return answer
