"""Basic of clients that do not form-encode, as RFC 7617 has it: tried as it is where decoding changes it."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.hot_requests import sent
from tests.protocol.raw_requests import SIMPLEST, basic, raw_basic, request
from tests.servers import Client, Tenant, error_of

# Each means something else when it is decoded, or nothing at all.
ODD = {
    "plus": "+",
    "percent": "%",
    "percent at the end": "100%",
    "no hexadecimal": "%zz",
    "encoded letter": "%41",
    "encoded space": "%20",
    "encoded NUL": "%00",
    "no UTF-8": "%FF",
    "cut UTF-8": "%C3",
    "encoded percent": "%2541",
    "encoded colon": "%3A",
    "base64": "Zm9v+/8=",
}
LONG = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("endpoint", SIMPLEST)
def test_rfc7617_s2_a_secret_that_is_sent_as_it_is_is_right(tenant: Tenant, endpoint: str, odd: str) -> None:
    secret = f"{odd}{LONG}:{odd}"
    client = tenant.new_client(secret=secret)
    authorization = raw_basic(f"{client.client_id}:{secret}".encode())

    reply = request(tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert reply.status_code == 200


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_rfc6749_s2_3_1_the_same_secret_is_right_encoded_too(tenant: Tenant, odd: str) -> None:
    secret = f"{odd}{LONG}:{odd}"
    client = tenant.new_client(secret=secret)

    reply = request(tenant, "introspect", "token=unknown", authorization=basic(client.client_id, secret))

    assert reply.status_code == 200


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_rfc7617_s2_an_id_that_is_sent_as_it_is_is_right(tenant: Tenant, odd: str) -> None:
    client = tenant.new_client(client_id=f"svc{odd}", secret=f"{odd}{LONG}")
    authorization = raw_basic(f"{client.client_id}:{client.secret}".encode())

    named = request(
        tenant, "revoke", f"token=unknown&client_id={quote(client.client_id)}", authorization=authorization
    )
    nameless = request(tenant, "revoke", "token=unknown", authorization=authorization)

    assert (named.status_code, nameless.status_code) == (200, 200)


def test_what_is_sent_is_read_both_ways(tenant: Tenant) -> None:
    decoded = tenant.new_client(client_id="aA", secret=LONG)
    as_sent = tenant.new_client(client_id="a%41", secret=f"{LONG}+")
    token, other = decoded.issue().access_token, as_sent.issue().access_token

    replies = [
        request(tenant, "introspect", f"token={each}", authorization=raw_basic(f"a%41:{secret}".encode()))
        for each, secret in [(token, LONG), (other, LONG), (other, f"{LONG}+"), (token, f"{LONG}+")]
    ]

    assert [reply.json()["active"] for reply in replies] == [True, False, True, False]


def test_where_both_are_right_it_is_the_decoded_one(tenant: Tenant) -> None:
    decoded, as_sent = (tenant.new_client(client_id=each, secret=LONG) for each in ("bB", "b%42"))
    token, other = decoded.issue().access_token, as_sent.issue().access_token
    authorization = raw_basic(f"b%42:{LONG}".encode())

    replies = [
        request(tenant, "introspect", f"token={each}", authorization=authorization) for each in (token, other)
    ]

    assert [reply.json()["active"] for reply in replies] == [True, False]
    assert as_sent.is_active(other)


WRONG: dict[str, Callable[[Client], str]] = {
    "secret": lambda client: f"{client.client_id}:%41{LONG}",
    "decoded twice": lambda client: (
        f"{client.client_id}:{quote(quote(str(client.secret), safe=''), safe='')}"
    ),
    "half decoded": lambda client: f"{client.client_id}:{str(client.secret).replace('%41', 'A')}",
    "unknown id": lambda client: f"nobody%41:{client.secret}",
    "another id": lambda client: f"{client.client_id}%41:{client.secret}",
    "nothing": lambda client: "%41:%41",
    "no colon": lambda client: "%41",
    "colon encoded": lambda client: f"{client.client_id}%3A{client.secret}",
}


@pytest.mark.requirement("AUT-04")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_wrong_both_ways_is_refused(tenant: Tenant, wrong: Callable[[Client], str]) -> None:
    client = tenant.new_client(secret=f"%41+{LONG}")
    token = client.issue().access_token

    reply = request(tenant, "revoke", f"token={token}", authorization=raw_basic(wrong(client).encode()))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(token)


@pytest.mark.requirement("AUT-11")
def test_a_client_that_is_pinned_to_post_may_not_use_basic_as_it_is_either(tenant: Tenant) -> None:
    client = tenant.new_client(auth_method="client_secret_post", secret=f"%41{LONG}")
    authorization = raw_basic(f"{client.client_id}:{client.secret}".encode())

    assert request(tenant, "revoke", "token=unknown", authorization=authorization).status_code == 401


@pytest.mark.requirement("AUT-10")
def test_another_client_id_in_the_body_is_refused_both_ways(tenant: Tenant, mallory: Client) -> None:
    client = tenant.new_client(client_id="a%41", secret=f"%41{LONG}")
    authorization = raw_basic(f"{client.client_id}:{client.secret}".encode())
    body = f"token=unknown&client_id={mallory.client_id}"

    reply = request(tenant, "revoke", body, authorization=authorization)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


def test_a_secret_as_it_is_costs_no_statement_more(tenant: Tenant) -> None:
    client = tenant.new_client(secret=f"%41+{LONG}")
    authorization = raw_basic(f"{client.client_id}:{client.secret}".encode())
    request(tenant, "introspect", "token=unknown", authorization=authorization)

    with sent() as statements:
        reply = request(tenant, "introspect", "token=unknown", authorization=authorization)

    assert reply.status_code == 200
    assert len(statements) == 1


@pytest.mark.parametrize("secret", ["%41", "plain"])
def test_a_client_that_is_not_there_costs_the_same_statements(tenant: Tenant, secret: str) -> None:
    client = tenant.new_client(client_id="known%41", secret=f"%41{LONG}")
    tenant.new_client(client_id="knownA", secret=f"%42{LONG}")
    client.introspect("unknown")

    counts = []
    for client_id in ("known%41", "nobody%41"):
        with sent() as statements:
            reply = request(
                tenant, "introspect", "token=x", authorization=raw_basic(f"{client_id}:{secret}".encode())
            )
        counts.append((reply.status_code, statements))

    assert counts[0] == counts[1]
    assert counts[0][0] == 401
