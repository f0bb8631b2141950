"""An app's own site, on an origin of its own: one page, and the packages of npm as they were installed."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests import node_packages
from tests.listening import serving

_PACKAGES = "/node_modules/"
_SCRIPT = "text/javascript; charset=utf-8"


@dataclass
class Site:
    """The site. It is on `localhost`, which to browsers is another site than the server's 127.0.0.1.

    Attributes:
        page: what stands at `/`.
        bundle: what stands at `/bundle.js`, of an app that has one.
        arrivals: the queries with which browsers came to the page.
    """

    origin: str = ""
    page: str = "<!doctype html><html lang=en><title>Notes</title><h1>Back at Notes</h1>"
    bundle: Path | None = None
    arrivals: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the page is: it is also what people are sent back to."""
        return f"{self.origin}/"


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/":
                site.arrivals.append(query)
                self._send("text/html; charset=utf-8", site.page.encode())
            elif path.startswith(_PACKAGES):
                self._send(_SCRIPT, (node_packages.MODULES / path.removeprefix(_PACKAGES)).read_bytes())
            elif path == "/bundle.js" and site.bundle is not None:
                self._send(_SCRIPT, site.bundle.read_bytes())
            else:
                self.send_error(404)

        def _send(self, media_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@contextlib.contextmanager
def opened() -> Iterator[Site]:
    """Run a site."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.origin = f"http://localhost:{server.server_port}"
    with serving(server):
        yield site
