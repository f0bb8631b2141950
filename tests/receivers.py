"""A client's own server, to which logout tokens are posted: a real one, on a port of its own."""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Receiver:
    """What came in, and how the next requests are answered: 200 where nothing else is queued.

    Attributes:
        before_answer: called once a request was read, before it is answered.
    """

    uri: str
    paths: list[str] = field(default_factory=list)
    media_types: list[str | None] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    statuses: "queue.SimpleQueue[int]" = field(default_factory=queue.SimpleQueue)
    headers: dict[str, str] = field(default_factory=dict)
    before_answer: Callable[[], object] = field(default=lambda: None)

    def answer(self, *statuses: int) -> None:
        """Say how the next requests are answered."""
        for status in statuses:
            self.statuses.put(status)

    @property
    def tokens(self) -> list[str]:
        """The logout tokens that came, one a request."""
        return [form["logout_token"][0] for form in self.forms]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            receiver.paths.append(self.path)
            receiver.media_types.append(self.headers["Content-Type"])
            receiver.forms.append(parse_qs(body))
            receiver.before_answer()
            try:
                status = receiver.statuses.get_nowait()
            except queue.Empty:
                status = 200
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver("")
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver)) as server:
        receiver.uri = f"http://127.0.0.1:{server.server_port}/logged-out"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Silent:
    """A port that takes connections and never says anything on them."""

    listening: socket.socket

    @property
    def uri(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}/logged-out"

    def count_connections(self) -> int:
        """Count the connections that were made since this was asked last."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.listening.accept()[0].close()
                count += 1
        return count


@contextlib.contextmanager
def never_answering() -> Iterator[Silent]:
    """Run a server that never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.setblocking(False)
        yield Silent(listening)
