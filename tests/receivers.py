"""A client's own server, to which logout tokens are posted: a real one, on a port of its own."""

import contextlib
import datetime
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.listening import serving
from tests.patience import LONG_SECONDS


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
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """Run a receiver; with TLS where it has a certificate."""
    receiver = Receiver("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    receiver.uri = f"http://127.0.0.1:{server.server_port}/logged-out"
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.uri = receiver.uri.replace("http:", "https:")
    with serving(server):
        yield receiver


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


def certificate_for(address: str, path: Path, *names: str) -> Path:
    """Write a certificate for an IP address, and names, that signs itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a receiver")])
    subjects = [x509.IPAddress(ipaddress.ip_address(address)), *(x509.DNSName(each) for each in names)]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(subjects), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def never_accepting(host: str, port: int) -> Iterator[None]:
    """Run a server at an address to which nobody gets through: the queue of those who wait there is full."""
    with contextlib.ExitStack() as open_sockets:
        open_sockets.enter_context(socket.create_server((host, port), backlog=0))
        for _ in range(4):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield


@dataclass
class Dripping:
    """A server that answers byte by byte, as slowly, and is never done.

    Attributes:
        is_left: whether the sender has broken off.
    """

    address: tuple[str, int]
    is_left: bool = False


@contextlib.contextmanager
def dripping() -> Iterator[Dripping]:
    """Run such a server for one connection; at the end of the block it waits for the sender to break off."""

    def answer() -> None:
        with contextlib.suppress(TimeoutError), listening.accept()[0] as connection:
            until = time.monotonic() + LONG_SECONDS
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
                while time.monotonic() < until:
                    connection.sendall(b"x")
                    time.sleep(0.02)
            except OSError:
                slow.is_left = True

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LONG_SECONDS)
        slow = Dripping(listening.getsockname())
        thread = threading.Thread(target=answer)
        thread.start()
        yield slow
        thread.join()
