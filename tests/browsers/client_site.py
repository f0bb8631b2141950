"""A client's own site, on an origin of its own: people arrive there, and what they bring is kept.

What a browser asks for by itself, as for the site's icon, is no arrival.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.listening import serving

CALLBACK, AFTERWARDS, HOME = "/callback", "/bye", "/home"
_PAGE = b"<!doctype html><html lang=en><title>Notes</title><h1>Back at Notes</h1>"


@dataclass
class Arrival:
    """One request of a browser, and the parameters that it brought, in their order."""

    method: str
    path: str
    query: str
    body: str

    @property
    def answer(self) -> dict[str, str]:
        """What the server has to say, from the body of a POST and else from the query."""
        return dict(parse_qsl(self.body if self.method == "POST" else self.query))


@dataclass
class ClientSite:
    """The site: where it is, and who came to its redirect URIs."""

    origin: str
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def callback(self) -> str:
        """Its redirect URI."""
        return f"{self.origin}{CALLBACK}"

    @property
    def home(self) -> str:
        """Its first page, on another origin: there it sends whoever comes back with a form."""
        return f"{self.origin.replace('localhost', '127.0.0.1')}{HOME}"

    @property
    def afterwards(self) -> str:
        """Where people come back to after they have signed out."""
        return f"{self.origin}{AFTERWARDS}"

    def newest(self, path: str) -> Arrival:
        """Give the newest arrival at one of its pages."""
        there = [each for each in self.arrivals if each.path == path]
        assert there, f"nobody came to {path}, only to {[each.path for each in self.arrivals]}"
        return there[-1]


def _handler(site: ClientSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.arrive() or self.path == HOME:
                self.answer(200, _PAGE, ("Content-Type", "text/html; charset=utf-8"))
            else:
                self.answer(404)

        def do_POST(self) -> None:
            if self.arrive():
                self.answer(303, b"", ("Location", site.home))
            else:
                self.answer(404)

        def arrive(self) -> bool:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if path not in (CALLBACK, AFTERWARDS):
                return False
            site.arrivals.append(Arrival(self.command, path, query, body))
            return True

        def answer(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@contextlib.contextmanager
def opened() -> Iterator[ClientSite]:
    """Run the site. It is on another host than the server, as browsers see it."""
    site = ClientSite("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.origin = f"http://localhost:{server.server_port}"
    with serving(server):
        yield site
