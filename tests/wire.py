"""The wire between clients and the server: it passes everything on, keeps what it saw, and can spoil answers.

Clients reach the server through it, under the server's public URL: what it saw is what really went over.
"""

import contextlib
import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.listening import serving
from tests.patience import LONG_SECONDS

_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Exchange:
    """One request and its answer. The names of headers are in lower case."""

    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        """The fields of the request's form."""
        return dict(parse_qsl(self.request_body.decode(), keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """Give a header of the answer; None where there is none."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)

    def __str__(self) -> str:
        """Say what was asked and answered, without a secret."""
        return f"{self.method} {self.path} -> {self.status}"


class Wire:
    """A reverse proxy in front of one server. `exchanges` is in the order of the answers."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._target = ""
        self._spoiled: dict[str, tuple[int, str | None]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    @contextlib.contextmanager
    def open(self) -> Iterator["Wire"]:
        """Pass on, until the block ends."""
        with serving(self._http):
            yield self

    def lead_to(self, base_url: str) -> None:
        """Say which server stands behind it."""
        self._target = urlsplit(base_url).netloc

    def clear(self) -> None:
        """Forget what it saw."""
        self.exchanges.clear()

    def seen(self, path_end: str, method: str = "POST") -> list[Exchange]:
        """Give what was asked of the addresses with this end, by this method."""
        return [each for each in self.exchanges if each.method == method and each.path.endswith(path_end)]

    @contextlib.contextmanager
    def spoiling(self, path_end: str, status: int = 200, content_type: str | None = None) -> Iterator[None]:
        """Answer POSTs to addresses with this end as a wrong server would. The server gets them, too."""
        self._spoiled[path_end] = status, content_type
        try:
            yield
        finally:
            del self._spoiled[path_end]

    def carry(self, exchange: Exchange) -> None:
        """Ask the server, and write down what it answered."""
        connection = http.client.HTTPConnection(self._target, timeout=LONG_SECONDS)
        with contextlib.closing(connection):
            address = exchange.path + (f"?{exchange.query}" if exchange.query else "")
            connection.request(
                exchange.method, address, exchange.request_body or None, exchange.request_headers
            )
            reply = connection.getresponse()
            exchange.status, exchange.body = reply.status, reply.read()
            exchange.headers = [
                (name, value) for name, value in reply.getheaders() if name.lower() not in _OF_THE_CONNECTION
            ]
        for path_end, (status, content_type) in self._spoiled.items():
            if exchange.method == "POST" and exchange.path.endswith(path_end):
                kept = [each for each in exchange.headers if each[0].lower() != "content-type"]
                typed = [("Content-Type", content_type)] if content_type else []
                exchange.status, exchange.headers = status, kept + typed
        self.exchanges.append(exchange)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Or the body would wait until the head is acknowledged.
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                with contextlib.suppress(ConnectionError):
                    super().handle_one_request()

            def answer(self) -> None:
                path, _, query = self.path.partition("?")
                headers = {
                    name.lower(): value
                    for name, value in self.headers.items()
                    if name.lower() not in _OF_THE_CONNECTION
                }
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                exchange = Exchange(self.command, path, query, headers, body)
                wire.carry(exchange)
                self.send_response_only(exchange.status)
                for name, value in exchange.headers:
                    self.send_header(name, value)
                if exchange.status != 204:
                    self.send_header("Content-Length", str(len(exchange.body)))
                self.end_headers()
                self.wfile.write(exchange.body)

            do_GET = do_POST = do_HEAD = do_OPTIONS = answer  # noqa: N815 -- as http.server calls them

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler
