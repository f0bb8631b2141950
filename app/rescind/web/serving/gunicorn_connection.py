"""A connection of the worker's, of which a thread gets to see whole requests."""

import errno
import time
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http2 import negotiation
from gunicorn.workers.gthread import TConn

from rescind.web.serving.gathering import Gathered

LEAST_BYTES_A_SECOND = 8192


class Connection(TConn):
    """A connection that is read from until a certain time, which each request has of its own.

    Attributes:
        gathered: what has come of the next request, and no thread has seen.
        arrives_until: when it has to be there; longer by what has come of it.
        is_late: whether that is over. What has not come then, is not waited for.
        is_refused: whether no more is waited for because it has too large a head, or none.
        is_unreadable: whether nobody can tell where the present request ends.
        is_dropped: whether it was closed. The poller may still tell of it once.
        announced_bytes: how long the body of the present request is, as far as it has said so.
        was_told_to_go_on: whether the present request has been told that its body may come.
        needs_thread: whether to read from it takes more than the bytes: with TLS, or HTTP/2.
    """

    timeout: Any

    def __init__(self, cfg: Any, *rest: Any) -> None:
        super().__init__(cfg, *rest)  # type: ignore[no-untyped-call]
        self.gathered = Gathered()
        self.arrives_until = 0.0
        self.is_late = False
        self.is_refused = False
        self.is_unreadable = False
        self.is_dropped = False
        self.was_told_to_go_on = False
        self.announced_bytes = 0
        self.drained_bytes = 0
        self.needs_thread = bool(
            cfg.is_ssl or negotiation.prior_knowledge_allowed(cfg, self.client)  # type: ignore[no-untyped-call]
        )

    def init(self) -> None:
        """Make the parser, and give it what has come."""
        is_new = not self.initialized
        super().init()  # type: ignore[no-untyped-call]
        parser: Any = self.parser
        if self.is_http2:
            return
        if is_new:
            parser.unreader.sock = _Arriving(self)
        if len(self.gathered):
            parser.unreader.unread(self.gathered.all())
            self.announced_bytes = self.gathered.announced_bytes
            self.is_unreadable = self.gathered.is_unreadable
            self.gathered = Gathered()

    def wait_for_data(self, timeout: float) -> bool:
        """Tell whether there is data; the poller waits for it, and no thread."""
        return len(self.gathered) > 0 or bool(super().wait_for_data(0))  # type: ignore[no-untyped-call]


class _Arriving:
    """The socket of a connection, to be read from as long as the time of the request is not over."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection.sock, name)

    def recv(self, size: int) -> bytes:
        """Read what there is, or wait for it.

        Raises:
            ConnectionResetError: the client takes too long. It is as good as gone.
            LimitRequestHeaders: what has come is too much for the head of a request.
        """
        sock = self._connection.sock
        before, left = sock.gettimeout(), self._connection.arrives_until - time.monotonic()
        try:
            # What has come already is read in any case.
            sock.settimeout(max(0.001, left if before is None else min(left, before)))
            received: bytes = sock.recv(size)
        except TimeoutError:
            if self._connection.is_refused:
                raise LimitRequestHeaders("too long") from None  # type: ignore[no-untyped-call]
            raise ConnectionResetError(errno.ECONNRESET, "The request did not arrive in time.") from None
        finally:
            sock.settimeout(before)
        self._connection.arrives_until += len(received) / LEAST_BYTES_A_SECOND
        return received
