"""The worker: gunicorn's threads, of which no client takes one for longer than it has something to say.

A connection waits for its first byte without a thread, and a request that has begun has to arrive within
seconds. What gunicorn itself refuses is answered by JSON: what it could not read of a request, and says why,
never gets as far as the application.
"""

import errno
import json
import time
from typing import Any

from gunicorn.http import message
from gunicorn.workers.gthread import TConn, ThreadWorker

# A request has this long to arrive, and longer by what has come of it: an application may take large uploads.
REQUEST_SECONDS = 10.0
LEAST_BYTES_A_SECOND = 8192
LONGEST_REQUEST_LINE = 64 * 1024
# gunicorn knows only 8190 characters or no bound at all.
message.MAX_REQUEST_LINE = LONGEST_REQUEST_LINE
_BODY = json.dumps({"error": "invalid_request", "error_description": "The request can not be read as HTTP."})


class Worker(ThreadWorker):
    """A `gthread` worker that no slow client holds up; its own errors repeat nothing that was sent."""

    def accept(self, listener: Any) -> None:
        """Take a new connection, as gunicorn does but for its class."""
        try:
            client_sock, client_addr = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self.enqueue_req(_Connection(self.cfg, client_sock, client_addr, listener.getsockname()))  # type: ignore[no-untyped-call]

    def handle(self, conn: Any) -> Any:
        """Serve a request that has to have come by a certain time."""
        conn.arrives_until = time.monotonic() + REQUEST_SECONDS
        return super().handle(conn)  # type: ignore[no-untyped-call]

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is none."""
        super().handle_error(req, _JsonErrors(client), addr, exc)  # type: ignore[no-untyped-call]


class _Connection(TConn):
    """A connection that is read from until a certain time, which each request has of its own."""

    arrives_until = 0.0

    def init(self) -> None:
        """Make the parser."""
        is_new = not self.initialized
        super().init()  # type: ignore[no-untyped-call]
        if is_new and not self.is_http2:
            parser: Any = self.parser
            parser.unreader.sock = _Arriving(self)

    def wait_for_data(self, timeout: float) -> bool:
        """Tell whether there is data; the poller waits for it, and no thread."""
        return bool(super().wait_for_data(0))  # type: ignore[no-untyped-call]


class _Arriving:
    """The socket of a connection, to be read from as long as the time of the request is not over."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection.sock, name)

    def recv(self, size: int) -> bytes:
        """Read what there is, or wait for it.

        Raises:
            ConnectionResetError: the client takes too long. It is as good as gone.
        """
        sock = self._connection.sock
        before, left = sock.gettimeout(), self._connection.arrives_until - time.monotonic()
        try:
            # What has come already is read in any case.
            sock.settimeout(max(0.001, left if before is None else min(left, before)))
            received: bytes = sock.recv(size)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "The request did not arrive in time.") from None
        finally:
            sock.settimeout(before)
        self._connection.arrives_until += len(received) / LEAST_BYTES_A_SECOND
        return received


class _JsonErrors:
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
