"""The worker: gunicorn's threads, of which no client takes one before its request is there.

The poller waits for connections, reads what comes, and hands a request to a thread once it is whole: a client
that says nothing, or two bytes, keeps nobody waiting. What gunicorn itself refuses is answered by JSON: what
it could not read of a request, and says why, never gets as far as the application.
"""

import errno
import selectors
import socket
import time
from collections import deque
from concurrent import futures
from contextlib import suppress
from functools import partial
from typing import Any, cast

from gunicorn.http import message
from gunicorn.http.errors import InvalidHeader
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from rescind.web.serving.gathering import LONGEST_REQUEST_LINE
from rescind.web.serving.gunicorn_connection import LEAST_BYTES_A_SECOND, Connection
from rescind.web.serving.gunicorn_sending import Answering, JsonErrors, can_send

# A request has this long to arrive, and longer by what has come of it: an application may take large uploads.
REQUEST_SECONDS = 10.0
# gunicorn knows only 8190 characters or no bound at all.
message.MAX_REQUEST_LINE = LONGEST_REQUEST_LINE
# Behind the last answer on a connection, for what the client still sends. Else it might not see the answer.
LINGER_SECONDS = 2.0
MOST_DRAINED_BYTES = 64 * 1024
LOOK_EVERY_SECONDS = 0.25
_READ_BYTES = 64 * 1024
_HEALTH = b"GET /healthz "
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_NOBODY = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)


class Worker(ThreadWorker):
    """A `gthread` worker that no slow client holds up; its own errors repeat nothing that was sent."""

    poller: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        # The kernel would wait for a client that takes nothing, for as long as it likes.
        self.cfg.set("sendfile", False)
        self.lingering_conns: deque[Connection] = deque()
        self._look_at = 0.0

    def accept(self, listener: Any) -> None:
        """Take a new connection; where there is room for no more, in the place of one that waits."""
        try:
            client_sock, client_addr = listener.accept()
        except OSError as error:
            if error.errno in _NO_DESCRIPTOR:
                self._make_room()
            elif error.errno not in _NOBODY:
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, client_sock, client_addr, listener.getsockname())
        if conn.needs_thread:
            self.enqueue_req(conn)
        else:
            self._wait(conn)
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def get_thread_pool(self) -> futures.ThreadPoolExecutor:
        """Make the threads, and one more that says whether the process lives when all others wait."""
        self._reserve = futures.ThreadPoolExecutor(max_workers=1)
        return cast(futures.ThreadPoolExecutor, super().get_thread_pool())  # type: ignore[no-untyped-call]

    def enqueue_req(self, conn: Any) -> None:
        """Hand a request to a thread."""
        pool: Any = self._reserve if conn.gathered.begins(_HEALTH) else self.tpool
        handled = pool.submit(self.handle, conn)
        defer: Any = self.method_queue.defer
        handled.add_done_callback(lambda done: defer(self.finish_request, conn, done))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Read what came on a connection that has had an answer already."""
        if conn.is_dropped:
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._read(conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Read what came on a connection whose request is not whole."""
        if conn.is_dropped:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._read(conn)

    def on_owed_socket_writable(self, conn: Any, client: Any) -> None:
        """Go on with a connection whose last answer was taken."""
        if conn.is_dropped:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._go_on(conn)

    def handle(self, conn: Any) -> Any:
        """Serve a request; the rest of one that is too large to be gathered has to come by a certain time."""
        conn.arrives_until = time.monotonic() + (0 if conn.is_late else REQUEST_SECONDS)
        return super().handle(conn)  # type: ignore[no-untyped-call]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Let the application know what a body in chunks has announced, and have the answer taken in time.

        Raises:
            InvalidHeader: where the body ends can't be told.
        """
        if conn.is_unreadable:
            raise InvalidHeader("Content-Length or Transfer-Encoding")  # type: ignore[no-untyped-call]
        req.body.announced_bytes = conn.announced_bytes
        was_told, conn.was_told_to_go_on = conn.was_told_to_go_on, False
        req._expected_100_continue &= not was_told
        return super().handle_request(req, Answering(conn, REQUEST_SECONDS))  # type: ignore[no-untyped-call]

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is none."""
        super().handle_error(req, JsonErrors(client), addr, exc)  # type: ignore[no-untyped-call]

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Go on with a connection whose request was answered."""
        if conn.needs_thread or fs.cancelled() or fs.exception() or fs.result() is _DEFER:
            super().finish_request(conn, fs)  # type: ignore[no-untyped-call]
            return
        if not fs.result():
            self._linger(conn)
            return
        # What was read ahead no longer makes the socket readable.
        conn.gathered.add(conn.parser.unreader.take_buffered())
        if len(conn.gathered):
            conn.arrives_until = time.monotonic() + REQUEST_SECONDS
            self._go_on(conn)
        else:
            super().finish_request(conn, fs)  # type: ignore[no-untyped-call]

    def murder_pending(self) -> None:
        """End what has taken too long. A request of which only the body is missing is answered."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_SECONDS
        for conn in [each for each in self.lingering_conns if each.timeout <= now]:
            self._forget(self.lingering_conns, conn)
            self._drop(conn)
        for conn in [each for each in self.pending_conns if each.timeout <= now or self._is_idle(each)]:
            self._forget(self.pending_conns, conn)
            self._give_up(conn)

    def _is_idle(self, conn: Any) -> bool:
        """Tell of a connection that has said nothing whether the worker stops, and need not wait for it."""
        return not self.alive and not len(conn.gathered)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Tell whether the connection can be used again: not if it owes a body, for which nobody waits."""
        if not keepalive:
            return False
        conn.arrives_until = time.monotonic()
        return bool(conn.parser.finish_body(deadline=conn.arrives_until + REQUEST_SECONDS))

    def _read(self, conn: Any) -> None:
        """Read what there is, without waiting."""
        if conn.needs_thread:
            conn.data_ready = True
            self.enqueue_req(conn)
            return
        try:
            received = conn.sock.recv(_READ_BYTES)
        except BlockingIOError:
            self._wait(conn)
            return
        except OSError:
            self._drop(conn)
            return
        if received:
            if not len(conn.gathered):
                conn.arrives_until = time.monotonic() + REQUEST_SECONDS
            conn.arrives_until += len(received) / LEAST_BYTES_A_SECOND
            conn.gathered.add(received)
            self._go_on(conn)
        else:
            self._give_up(conn)

    def _go_on(self, conn: Any) -> None:
        """Hand a request that is whole to a thread, and wait for more of any other."""
        if conn.gathered.is_whole:
            if can_send(conn.sock):
                # What never will be one is refused as it is.
                conn.is_refused = not conn.gathered.has_head
                conn.is_late = not conn.gathered.is_too_large
                self.enqueue_req(conn)
            else:
                self._wait_until_taken(conn)
            return
        if conn.gathered.asks_to_go_on():
            with suppress(OSError):
                conn.sock.send(_GO_ON)
                conn.was_told_to_go_on = True
        self._wait(conn)

    def _wait_until_taken(self, conn: Any) -> None:
        """Leave a connection to the poller whose client has not taken the answers before."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + REQUEST_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self.on_owed_socket_writable, conn))

    def _give_up(self, conn: Any) -> None:
        """Wait no longer for the rest of a request. One of which only the body lacks is answered."""
        if conn.needs_thread or not conn.gathered.has_head or not can_send(conn.sock):
            self._drop(conn)
            return
        conn.is_late = True
        self.enqueue_req(conn)

    def _wait(self, conn: Any) -> None:
        """Leave a connection to the poller until more comes."""
        conn.sock.setblocking(False)
        conn.timeout = conn.arrives_until if len(conn.gathered) else time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _linger(self, conn: Any) -> None:
        """Close a connection once the client has seen that it is over (RFC 9112 section 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError):
            self._drop(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.lingering_conns.append(conn)

    def _drain(self, conn: Any, client: Any) -> None:
        if conn.is_dropped:
            return
        try:
            received = client.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        conn.drained_bytes += len(received)
        if not received or conn.drained_bytes > MOST_DRAINED_BYTES:
            self._forget(self.lingering_conns, conn)
            self._drop(conn)

    def _make_room(self) -> None:
        """Close the connection that has waited longest, so that a new one is not kept out."""
        for waiting in (self.lingering_conns, self.pending_conns, self.keepalived_conns):
            if waiting:
                conn = waiting[0]
                self._forget(waiting, conn)
                self._drop(conn)
                return

    def _forget(self, waiting: Any, conn: Any) -> None:
        waiting.remove(conn)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Any) -> None:
        # It may have become ready at the same time as what it gives way to.
        conn.is_dropped = True
        self.nr_conns -= 1
        conn.close()
