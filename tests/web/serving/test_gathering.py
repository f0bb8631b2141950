"""What has come of a request is handed on when it is whole, and at once when it never can be."""

import pytest

from rescind.web.serving.gathering import Gathered

HEAD = b"POST /t/bifrost/oauth2/revoke HTTP/1.1\r\nHost: rescind\r\n"
WHOLE = {
    "no body": b"GET / HTTP/1.1\r\nHost: rescind\r\n\r\n",
    "a body": HEAD + b"Content-Length: 7\r\n\r\ntoken=x",
    "an empty body": HEAD + b"content-length:0\r\n\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\ntoken\r\n2\r\n=x\r\n0\r\n\r\n",
    "chunks and trailers": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n000\r\nDigest: x\r\nB: y\r\n\r\n",
    "a blank line before": b"\r\nGET / HTTP/1.0\r\n\r\n",
    "a token of its own": b"M-SEARCH * HTTP/1.1\r\n\r\n",
}
NONE = {
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01",
    "no version": b"GET /\r\n",
    "another version": b"GET / HTTP/2.0\r\n",
    "a bare line feed": b"GET / HTTP/1.1\nHost: rescind\n",
    "no method": b" / HTTP/1.1",
    "an endless method": b"A" * 40,
    "an endless line": b"GET /" + b"a" * 70_000,
    "an endless header": HEAD + b"Cookie: " + b"a" * 9000,
    "endless headers": HEAD + b"A: b\r\n" * 110,
    "long headers": HEAD + (b"A: " + b"b" * 8000 + b"\r\n") * 9,
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length and chunks": HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a length that begins with many zeros": HEAD + b"Content-Length: " + b"0" * 20 + b"5\r\n\r\n",
    "a chunk of too many digits": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 15 + b"5\r\n",
    "a long extension": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 90 + b"\r\n",
    "thousands of chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 2000,
    "an endless trailer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"a" * 9000,
    "a coding that is none": HEAD + b"Transfer-Encoding: unknown\r\n\r\n",
    "a chunk that is none": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk with a bare line feed": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\n",
    "a chunk without an end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"a" * 9000,
}
TOO_LARGE = {
    "a length": HEAD + b"Content-Length: 65537\r\n\r\n",
    "a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10001\r\n",
    "chunks together": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n10000\r\n",
}


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_a_request_is_whole_with_its_last_byte_and_not_before(request_: bytes) -> None:
    gathered = Gathered()
    was_whole = []
    for byte in request_:
        gathered.add(bytes([byte]))
        was_whole.append(gathered.is_whole)

    assert was_whole == [False] * (len(request_) - 1) + [True]
    assert gathered.all() == request_


@pytest.mark.parametrize("come", [*NONE.values(), *TOO_LARGE.values()], ids=[*NONE, *TOO_LARGE])
def test_nothing_more_is_waited_for_of_what_will_be_refused(come: bytes) -> None:
    gathered = Gathered()

    gathered.add(come)

    assert gathered.is_whole


def test_of_a_long_first_line_the_headers_are_waited_for() -> None:
    gathered = Gathered()

    gathered.add(b"GET /" + b"a" * 65_000 + b" HTTP/1.1\r\nHost: rescind\r\nCookie: " + b"b" * 8000)

    assert not gathered.is_whole
    gathered.add(b"\r\n\r\n")
    assert gathered.is_whole


def test_a_client_is_told_once_to_go_on() -> None:
    gathered = Gathered()
    gathered.add(HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\n")

    asked = [gathered.asks_to_go_on()]
    gathered.add(b"\r\n")
    asked += [gathered.asks_to_go_on(), gathered.asks_to_go_on()]

    assert asked == [False, True, False]
