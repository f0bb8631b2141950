"""A host of client id metadata documents: a real HTTPS server on loopback, whose certificate has names."""

import contextlib
import itertools
import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.listening import serving
from tests.receivers import certificate_for
from tests.servers import CALLBACK

# Of which the certificate is, beside localhost.
NAME = "documents.example"
_numbers = itertools.count()


@dataclass
class Page:
    """What is answered at a path.

    Attributes:
        pause_seconds: waited before each byte of the body.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    pause_seconds: float = 0


@dataclass
class DocumentHost:
    """A host, what it publishes by path, and what it was asked for, each as (Host header, path)."""

    port: int
    certificate: Path
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Its name and port."""
        return f"localhost:{self.port}"

    def publish(self, path: str | None = None, *, cache: str = "max-age=60", **changes: Any) -> str:
        """Publish a document of a public client, at a path of its own where none is given.

        Args:
            changes: members of it; `...` leaves one out.

        Returns:
            The client id.
        """
        path = path or f"/clients/{next(_numbers)}"
        client_id = f"https://{self.place}{path}"
        document: dict[str, Any] = {
            "client_id": client_id,
            "client_name": "Notes of others",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
            **changes,
        }
        said = {name: value for name, value in document.items() if value is not ...}
        headers = {"Content-Type": "application/json", "Cache-Control": cache}
        self.pages[path] = Page(json.dumps(said).encode(), headers=headers)
        return client_id

    def republish(self, client_id: str, **changes: Any) -> None:
        """Publish another document in the place of one."""
        self.publish(urlsplit(client_id).path, **changes)

    def page_of(self, client_id: str) -> Page:
        """Give what is answered at a client id."""
        return self.pages[urlsplit(client_id).path]

    def count(self, client_id: str) -> int:
        """Count how often a document was asked for."""
        return [path for _, path in self.asked].count(urlsplit(client_id).path)


@contextlib.contextmanager
def publishing(folder: Path) -> Iterator[DocumentHost]:
    """Run a host."""
    certificate = certificate_for("127.0.0.1", folder / "host.pem", "localhost", NAME)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    host = DocumentHost(server.server_port, certificate)
    server.RequestHandlerClass = _handler(host)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    # Not in the thread that accepts: a caller that breaks off in the middle would hold up all others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server):
        yield host


def _handler(host: DocumentHost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append((self.headers["Host"], self.path))
            page = host.pages.get(self.path, Page(b"", 404))
            with contextlib.suppress(OSError):
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                step = 1 if page.pause_seconds else max(1, len(page.body))
                for at in range(0, len(page.body), step):
                    time.sleep(page.pause_seconds)
                    self.wfile.write(page.body[at : at + step])

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler
