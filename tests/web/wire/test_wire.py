"""RFC 9110 and 9112: what needs real bytes and real connections to a real server."""

import contextlib
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.patience import LONG_SECONDS
from tests.servers import FORM, Client, Server

MOST_BYTES = 64 * 1024
METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "REVOKE", "POSTS"]
Framing = Callable[[bytes], bytes | Iterator[bytes]]


def whole(body: bytes) -> bytes:
    """Send a body with its length."""
    return body


def chunked(body: bytes) -> Iterator[bytes]:
    """Send a body in chunks, which is what `http.client` makes of an iterator."""
    return (body[start : start + 9000] for start in range(0, len(body), 9000))


FRAMED = pytest.mark.parametrize("framing", [whole, chunked], ids=["with a length", "chunked"])


@pytest.fixture
def client(live_server: Server) -> Client:
    """Give a confidential client of a tenant on gunicorn."""
    return live_server.new_tenant().new_client()


@pytest.fixture
def connection(live_server: Server) -> Iterator[http.client.HTTPConnection]:
    """Give a connection that is kept as long as the server keeps it."""
    address = urlsplit(live_server.base_url).netloc
    with contextlib.closing(http.client.HTTPConnection(address, timeout=LONG_SECONDS)) as kept:
        yield kept


def headers_of(client: Client) -> dict[str, str]:
    """Give the headers of a right request."""
    return {"Content-Type": FORM, "Authorization": client.basic}


def send(
    connection: http.client.HTTPConnection,
    client: Client,
    body: bytes | Iterator[bytes],
    *,
    method: str = "POST",
    headers: dict[str, str | bytes] | None = None,
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a request on this connection, and read the answer."""
    # A server may answer, and close, before it has read all of a body that is too long.
    with contextlib.suppress(ConnectionError):
        connection.request(
            method, f"{client.tenant.path}/revoke", body, {**headers_of(client), **(headers or {})}
        )
    reply = connection.getresponse()
    return reply.status, reply.headers, reply.read()


def send_raw(client: Client, end_of_head: str, body: bytes) -> bytes:
    """Send a request whose head ends in this line, close our side, and read all that comes."""
    address = urlsplit(client.tenant.server.base_url)
    head = [f"POST {client.tenant.path}/revoke HTTP/1.1", f"Host: {address.netloc}"]
    head += [*(f"{name}: {value}" for name, value in headers_of(client).items()), end_of_head]
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=LONG_SECONDS) as raw:
        raw.sendall("\r\n".join([*head, "", ""]).encode() + body)
        raw.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: raw.recv(65536), b""))


@pytest.mark.requirement("REV-01")
@pytest.mark.requirement("REV-02")
@pytest.mark.requirement("REV-03")
@pytest.mark.requirement("REV-26")
@FRAMED
def test_rfc9112_s7_1_a_form_is_read_with_a_length_and_in_chunks(
    client: Client, connection: http.client.HTTPConnection, framing: Framing
) -> None:
    token = client.access_token()
    assert client.is_active(token)

    status, headers, body = send(connection, client, framing(f"token={token}".encode()))

    assert (status, body) == (200, b"")
    assert (headers["Content-Length"], headers["Content-Type"]) == ("0", None)
    assert headers["Cache-Control"] == "no-store"
    assert not client.is_active(token)


@pytest.mark.requirement("REV-26")
def test_rfc9112_s7_1_a_form_may_be_cut_between_any_two_bytes(
    client: Client, connection: http.client.HTTPConnection
) -> None:
    token = client.access_token()

    status, _, _ = send(connection, client, (bytes([byte]) for byte in f"token={token}".encode()))

    assert status == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-25")
@pytest.mark.parametrize("size", [MOST_BYTES + 1, 5 * MOST_BYTES], ids=["by one byte", "by far"])
@FRAMED
def test_rfc9110_s15_5_14_a_body_above_the_limit_is_refused_and_the_server_goes_on(
    client: Client, connection: http.client.HTTPConnection, framing: Framing, size: int
) -> None:
    token = client.access_token()
    too_long = f"token={token}&padding=".encode().ljust(size, b"x")

    status, headers, body = send(connection, client, framing(too_long))

    assert (status, headers["Content-Type"], body[:1]) == (413, "application/json", b"{")
    assert client.is_active(token)
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-25")
@FRAMED
def test_a_body_of_just_the_limit_is_read_to_its_end(
    client: Client, connection: http.client.HTTPConnection, framing: Framing
) -> None:
    token = client.access_token()
    end = f"&token={token}".encode()

    status, _, _ = send(connection, client, framing(b"padding=".ljust(MOST_BYTES - len(end), b"x") + end))

    assert status == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-25")
def test_a_length_above_the_limit_is_refused_without_waiting_for_the_body(client: Client) -> None:
    answer = send_raw(client, f"Content-Length: {MOST_BYTES + 1}", b"")

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.requirement("REV-31")
@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 1000", "token={token}"),
        ("Transfer-Encoding: chunked", "{size:x}\r\ntoken={token}"),
        ("Transfer-Encoding: chunked", "{size:x}\r\ntoken={token}\r\n"),
        ("Transfer-Encoding: chunked", "zz\r\ntoken={token}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "-1\r\ntoken={token}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "4\r\ntoken={token}\r\n0\r\n\r\n"),
        ("Content-Length: -1", "token={token}"),
        ("Content-Length: 5\r\nContent-Length: 6", "token={token}"),
        ("Content-Length: {size}\r\nTransfer-Encoding: chunked", "{size:x}\r\ntoken={token}\r\n0\r\n\r\n"),
    ],
    ids=[
        *["end never came", "chunk without end", "no last chunk", "no number", "negative chunk"],
        *["chunk too short", "negative length", "two lengths", "length and chunks"],
    ],
)
def test_rfc9112_s6_3_a_broken_framing_is_a_400_and_revokes_nothing(
    client: Client, head: str, body: str
) -> None:
    token = client.access_token()
    size = len(f"token={token}")

    answer = send_raw(client, head.format(size=size), body.format(token=token, size=size).encode())

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "invalid_request"
    assert client.is_active(token)


@pytest.mark.requirement("REV-22")
@pytest.mark.requirement("ERR-07")
@pytest.mark.parametrize("method", METHODS)
def test_rfc9110_s15_5_6_another_method_revokes_nothing_and_leaves_the_connection_usable(
    client: Client, connection: http.client.HTTPConnection, method: str
) -> None:
    token = client.access_token()

    status, headers, body = send(connection, client, f"token={token}".encode(), method=method)

    again, _, _ = send(connection, client, b"token=unknown")
    assert (status, headers["Allow"]) == (405, "POST")
    assert len(body) < 300
    assert client.is_active(token)
    assert again == 200


@pytest.mark.requirement("ERR-07")
def test_no_answer_names_a_version_of_the_server(
    client: Client, connection: http.client.HTTPConnection
) -> None:
    _, headers, _ = send(connection, client, b"", method="GET")

    assert not any(character.isdigit() for character in headers.get("Server", ""))
    assert "X-Powered-By" not in headers


@pytest.mark.requirement("AUT-05")
@pytest.mark.requirement("AUT-13")
@pytest.mark.parametrize(
    "credentials",
    [b"Basic \xff\xfe", b"Basic \xc3\xa9", b"\xf0\x9f\x92\xa9", b"Basic \xe2\x80\x8b", b"Basic\ta:b"],
    ids=["no UTF-8", "UTF-8", "emoji", "no width", "tab"],
)
def test_rfc7617_s2_bytes_outside_ascii_in_the_header_are_no_credentials(
    client: Client, connection: http.client.HTTPConnection, credentials: bytes
) -> None:
    token = client.access_token()

    status, headers, body = send(
        connection, client, f"token={token}".encode(), headers={"Authorization": credentials}
    )

    assert (status, headers["WWW-Authenticate"][:6]) == (401, "Basic ")
    assert b'"invalid_client"' in body
    assert client.is_active(token)


@pytest.mark.requirement("AUT-04")
@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        ({"Authorization": "Basic eDp5"}, 401),
        ({"Content-Type": "text/plain"}, 400),
        ({"Content-Encoding": "gzip", "Authorization": "Bearer x"}, 401),
    ],
    ids=["wrong client", "media type", "other scheme"],
)
def test_after_an_error_the_next_request_on_the_connection_is_answered(
    client: Client, connection: http.client.HTTPConnection, refused: dict[str, str | bytes], expected: int
) -> None:
    token = client.access_token()
    first, _, _ = send(connection, client, f"token={token}".encode(), headers=refused)
    assert client.is_active(token)

    second, _, _ = send(connection, client, f"token={token}".encode())

    assert (first, second) == (expected, 200)
    assert not client.is_active(token)
