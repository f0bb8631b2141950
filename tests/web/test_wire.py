"""RFC 9110 and 9112: what needs real bytes, a real server and real connections."""

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from tests.protocol.raw_requests import pair
from tests.servers import FORM, Client, Server

MOST_BYTES = 64 * 1024
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture
def client(live_server: Server) -> Client:
    """Give a confidential client of a tenant on gunicorn."""
    return live_server.new_tenant().new_client()


@pytest.fixture
def connection(live_server: Server) -> Iterator[http.client.HTTPConnection]:
    """Give a connection that is kept as long as the server keeps it."""
    with closing(http.client.HTTPConnection(str(urlsplit(live_server.base_url).netloc), timeout=20)) as kept:
        yield kept


def headers_of(client: Client, **extra: str) -> dict[str, str]:
    """Give the headers of a right request; extra ones go before them."""
    return {"Content-Type": FORM, "Authorization": client.basic} | extra


def chunks(body: bytes, size: int) -> Iterator[bytes]:
    """Cut a body into chunks."""
    return (body[start : start + size] for start in range(0, len(body), size))


def send_raw(client: Client, head: str, body: bytes) -> bytes:
    """Send a request whose head ends in these lines, close our side, and read all that comes."""
    address = urlsplit(client.tenant.server.base_url)
    lines = [
        f"POST {client.tenant.path}/revoke HTTP/1.1",
        f"Host: {address.netloc}",
        *(f"{name}: {value}" for name, value in headers_of(client).items()),
        head,
    ]
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=20) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        raw.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: raw.recv(65536), b""))


@pytest.mark.requirement("REV-01")
@pytest.mark.requirement("REV-02")
@pytest.mark.requirement("REV-03")
@pytest.mark.requirement("REV-04")
def test_s2_a_revocation_as_it_goes_over_the_wire(
    client: Client, connection: http.client.HTTPConnection
) -> None:
    token = client.access_token()
    assert client.is_active(token)

    connection.request("POST", f"{client.tenant.path}/revoke", f"token={token}", headers_of(client))

    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    assert (reply.headers["Content-Length"], reply.headers["Content-Type"]) == ("0", None)
    assert reply.headers["Cache-Control"] == "no-store"
    assert not client.is_active(token)


@pytest.mark.requirement("REV-26")
@pytest.mark.parametrize("size", [1, 7, 4096], ids=["of one byte", "of seven bytes", "one"])
def test_rfc9112_s7_1_a_chunked_form_is_read_like_any_other(
    client: Client, connection: http.client.HTTPConnection, size: int
) -> None:
    token = client.access_token()
    body = f"token_type_hint=access_token&token={token}".encode()

    connection.request(
        "POST",
        f"{client.tenant.path}/revoke",
        chunks(body, size),
        headers_of(client, **CHUNKED),
        encode_chunked=True,
    )

    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    assert not client.is_active(token)


@pytest.mark.requirement("REV-25")
@pytest.mark.parametrize("size", [MOST_BYTES + 1, 20 * MOST_BYTES], ids=["by one byte", "by far"])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "chunked"])
def test_rfc9110_s15_5_14_a_body_above_the_limit_is_refused_and_the_next_request_served(
    client: Client, connection: http.client.HTTPConnection, size: int, is_chunked: bool
) -> None:
    token = client.access_token()
    body = f"token={token}&padding=".encode().ljust(size, b"x")
    framing = {True: (chunks(body, 9000), CHUNKED), False: (body, {"Content-Length": str(size)})}
    sent, extra = framing[is_chunked]
    path, headers = f"{client.tenant.path}/revoke", headers_of(client)

    connection.request("POST", path, sent, headers | extra, encode_chunked=is_chunked)

    refused = connection.getresponse()
    assert (refused.status, refused.read()[:1]) == (413, b"{")
    assert client.is_active(token)
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-25")
@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "chunked"])
def test_a_body_of_just_the_limit_is_read_to_its_end(
    client: Client, connection: http.client.HTTPConnection, is_chunked: bool
) -> None:
    token = client.access_token()
    body = f"token={token}".encode().rjust(MOST_BYTES, b"&")
    framing = {True: (chunks(body, 9000), CHUNKED), False: (body, {"Content-Length": str(MOST_BYTES)})}
    sent, extra = framing[is_chunked]

    connection.request(
        "POST", f"{client.tenant.path}/revoke", sent, headers_of(client) | extra, encode_chunked=is_chunked
    )

    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    assert not client.is_active(token)
