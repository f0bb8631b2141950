"""RFC 7009 section 2.1: any string may be presented for revocation, and only the token is the token."""

from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import Cause
from tests.extent import tries
from tests.protocol.raw_requests import look, request
from tests.servers import Client, error_of


@pytest.mark.requirement("REV-31")
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("%20", 200),
        ("+", 200),
        ("%22%27%5C%3B--", 200),
        ("%0D%0A", 200),
        ("%F0%9F%92%A9", 200),
        ("💩", 200),
        ("%EF%BF%BF%EF%BB%BF", 200),
        ("a" * 4096, 200),
        ("%zz%", 200),
        ("%00", 400),
        ("a%00b", 400),
        ("%FF", 400),
        ("%C3", 400),
        ("%C0%80", 400),
        ("%ED%A0%80", 400),
    ],
    ids=[
        *["space", "plus", "quotes", "line end", "emoji", "raw emoji", "no character", "4 KiB", "bad escape"],
        *["NUL", "NUL inside", "no UTF-8", "cut UTF-8", "overlong NUL", "surrogate"],
    ],
)
def test_any_bytes_may_be_presented_as_a_token(client: Client, value: str, status: int) -> None:
    bystander = client.access_token()

    reply = request(client.tenant, "revoke", f"token={value}".encode(), authorization=client.basic)

    assert reply.status_code == status
    assert client.is_active(bystander)


@pytest.mark.requirement("REV-31")
@pytest.mark.parametrize("byte", [b"\x00", b"\xff", b"\xc3("], ids=["NUL", "no UTF-8", "cut UTF-8"])
def test_raw_bytes_that_are_no_text_are_an_invalid_request(client: Client, byte: bytes) -> None:
    token = client.access_token()

    reply = request(client.tenant, "revoke", f"token={token}".encode() + byte, authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert client.is_active(token)


@pytest.mark.requirement("REV-32")
@pytest.mark.requirement("REV-33")
@pytest.mark.parametrize(
    "change",
    [
        lambda token: f"{token[:8]}\n{token[8:]}",
        lambda token: f"{token[:8]} {token[8:]}",
        lambda token: f"{token}\ufeff",
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token.swapcase(),
        lambda token: token[:4] + token[4:].swapcase(),
        lambda token: f"Bearer {token}",
        lambda token: f'"{token}"',
        lambda token: quote(token.replace("a", "%61", 1).replace("_", "%5F", 1)),
    ],
    ids=[
        *["line feed inside", "space inside", "mark of order behind"],
        *["last letter cut", "first letter cut", "case flipped", "case flipped behind the prefix"],
        *["scheme before", "quoted", "encoded twice"],
    ],
)
def test_a_token_is_compared_to_the_letter(client: Client, change: Callable[[str], str]) -> None:
    token, revoked = client.access_token(), client.access_token()
    known = client.revoke(revoked)

    reply = client.revoke(change(token))

    assert look(reply) == look(known)
    assert client.is_active(token)


@pytest.mark.requirement("REV-32")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize(
    "around",
    [" {}", "{} ", "{}\n", "\t{}", "\r\n {}\r\n", "\u00a0{}"],
    ids=["space before", "space behind", "line end behind", "tab before", "lines around", "no-break space"],
)
def test_a_token_that_was_pasted_or_read_from_a_file_is_the_token(
    client: Client, around: str, kind: str
) -> None:
    issued = client.issue("alice")
    token = around.format(getattr(issued, kind))
    known = client.is_active(token)

    reply = client.revoke(token)

    assert known
    assert reply.status_code == 200
    assert not client.is_active(token)
    assert not client.is_active(issued.access_token)


@pytest.mark.requirement("REV-32")
def test_a_host_may_hand_on_a_token_with_white_space_around_it(client: Client) -> None:
    token = client.access_token()
    selector = selectors.Token(client.tenant.name, f" {token}\n")
    before = client.is_active(token)

    done = revocation.revoke(client.tenant.server.authority, selector, Cause("test", "host"))

    assert (before, done.revoked, client.is_active(token)) == (True, True, False)


@pytest.mark.requirement("REV-31")
@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.binary(min_size=1, max_size=80), hint=st.binary(max_size=8))
def test_no_bytes_at_all_break_the_server(client: Client, value: bytes, hint: bytes) -> None:
    body = f"token={quote_from_bytes(value)}&token_type_hint={quote_from_bytes(hint)}"

    reply = request(client.tenant, "revoke", body, authorization=client.basic)

    assert reply.status_code in {200, 400}
