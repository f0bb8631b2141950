"""A client's own site, on an origin of its own: browsers arrive there, and what they bring is kept."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.listening import serving

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
    """The site: where it is, and who came."""

    origin: str
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def callback(self) -> str:
        """Its redirect URI."""
        return f"{self.origin}/callback"

    @property
    def home(self) -> str:
        """Its first page, on another origin: there it sends whoever comes back with a form."""
        return f"{self.origin.replace('localhost', '127.0.0.1')}/home"

    @property
    def afterwards(self) -> str:
        """Where people come back to after they have signed out."""
        return f"{self.origin}/bye"

    @property
    def last(self) -> Arrival:
        """The newest arrival."""
        return self.arrivals[-1]


def _handler(site: ClientSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not site.home.endswith(self.path):
                self.arrive()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.end_headers()
            self.wfile.write(_PAGE)

        def do_POST(self) -> None:
            self.arrive()
            self.send_response(303)
            self.send_header("Location", site.home)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def arrive(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            site.arrivals.append(Arrival(self.command, path, query, body))

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
