"""What is sent on a connection of the worker's: no client keeps a thread by not taking it."""

import errno
import json
import select
import time
from typing import Any

from rescind.web.serving.gunicorn_connection import LEAST_BYTES_A_SECOND, Connection

_BODY = json.dumps({"error": "invalid_request", "error_description": "The request can not be read as HTTP."})
_PIECE_BYTES = 16 * 1024
# What goes out faster was taken by the kernel: it says nothing of the client.
_WAITED_SECONDS = 0.01


def can_send(sock: Any) -> bool:
    """Tell whether there is room for an answer. What is broken has it too: the next to send will notice."""
    room = select.poll()
    room.register(sock, select.POLLOUT)
    return bool(room.poll(0))


class Answering:
    """A connection as long as it is answered.

    Args:
        seconds: how long the client may keep us waiting for it to take the answer; longer by what it takes.
    """

    def __init__(self, connection: Connection, seconds: float) -> None:
        self.sock = _Leaving(connection.sock, seconds)
        self.client: Any = connection.client
        self.server: Any = connection.server


class _Leaving:
    """The socket of a connection, to be written to as long as the time of the answer is not over."""

    def __init__(self, sock: Any, seconds: float) -> None:
        self._sock = sock
        self._left_seconds = seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, answer: bytes) -> None:
        """Send it all.

        Raises:
            ConnectionResetError: the client takes too long. It is as good as gone.
        """
        before = self._sock.gettimeout()
        try:
            rest = memoryview(answer)
            while rest:
                rest = rest[self._send(rest) :]
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "The answer was not taken in time.") from None
        finally:
            self._sock.settimeout(before)

    def _send(self, rest: memoryview) -> int:
        began = time.monotonic()
        self._sock.settimeout(max(0.001, self._left_seconds))
        sent: int = self._sock.send(rest[:_PIECE_BYTES])
        waited = time.monotonic() - began
        if waited >= _WAITED_SECONDS:
            self._left_seconds += sent / LEAST_BYTES_A_SECOND - waited
        return sent


class JsonErrors:
    """A socket that keeps the status line of the page it is handed, and sends JSON in place of the page."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, page: bytes) -> None:
        """Send the answer."""
        status_line = page.partition(b"\r\n")[0]
        headers = (
            f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
        self._client.sendall(status_line + b"\r\n" + (headers + _BODY).encode())
