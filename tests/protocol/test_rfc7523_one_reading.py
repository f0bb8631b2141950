"""RFC 7519 section 4, RFC 8259 section 8.1: what a client has signed means the same to every reader."""

import codecs
import json
from collections.abc import Callable

import pytest

from tests.protocol.assertions import KEYS, Asserting, compact, signer
from tests.servers import Client, Tenant, error_of

Written = Callable[[str], bytes]


def twice(name: str) -> Written:
    """Write a claim a second time, with the very value that it has."""
    return lambda text: f"{text[:-1]}, {json.dumps(name)}: {json.dumps(json.loads(text)[name])}}}".encode()


def in_claim(inner: str) -> Written:
    return lambda text: f'{text[:-1]}, "more": {inner}}}'.encode()


# Of good claims, in JSON.
PAYLOADS: dict[str, Written] = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, no byte order mark": lambda text: text.encode("utf-16-le"),
    "UTF-16 of the other order": lambda text: text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "UTF-8 with a byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "Latin-1": lambda text: in_claim('"é"')(text).decode().encode("latin-1"),
    "exp twice": twice("exp"),
    "sub twice": twice("sub"),
    "aud twice": twice("aud"),
    "jti twice": twice("jti"),
    "exp twice, once escaped": lambda text: f'{text[:-1]}, "\\u0065xp": 99999999999}}'.encode(),
    "a name twice within a claim": in_claim('{"a": 1, "a": 2}'),
    "a name twice within a list": in_claim('[{"a": 1, "a": 2}]'),
    "NaN": in_claim("NaN"),
    "Infinity": in_claim("-Infinity"),
    "something behind": lambda text: f"{text} {{}}".encode(),
}
HEADERS = {
    "UTF-16": '{"alg": "ES256"}'.encode("utf-16"),
    "byte order mark": codecs.BOM_UTF8 + b'{"alg": "ES256"}',
    "alg twice": b'{"alg": "none", "alg": "ES256"}',
    "alg twice, the same": b'{"alg": "ES256", "alg": "ES256"}',
    "typ twice": b'{"alg": "ES256", "typ": "at+jwt", "typ": "JWT"}',
    "kid twice": b'{"alg": "ES256", "kid": "other", "kid": "this"}',
    "a name twice inside": b'{"alg": "ES256", "vendor": {"a": 1, "a": 2}}',
}


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    return Asserting.register(tenant)


@pytest.mark.requirement("JWA-13")
@pytest.mark.parametrize("written", PAYLOADS.values(), ids=PAYLOADS)
def test_claims_that_others_may_read_otherwise_are_refused(
    asserting: Asserting, resource_server: Client, written: Written
) -> None:
    token = asserting.client.issue().access_token
    assert resource_server.is_active(token)
    payload = written(json.dumps(asserting.claims()))
    assertion = compact({"alg": "ES256"}, payload, signer("ES256", KEYS["ES256"]))

    reply = asserting.revoke(token, assertion, client_id=asserting.client.client_id)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-13")
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_others_may_read_otherwise_is_refused(
    asserting: Asserting, resource_server: Client, header: bytes
) -> None:
    token = asserting.client.issue().access_token
    assert resource_server.is_active(token)
    payload = json.dumps(asserting.claims()).encode()

    reply = asserting.revoke(token, compact(header, payload, signer("ES256", KEYS["ES256"])))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.parametrize("inner", ['"é"', '"\\u00e9 \\ud83d"', '{"a": [{"a": 1}, {"a": 2}]}', "1e400"])
def test_claims_that_mean_one_thing_are_read(asserting: Asserting, inner: str) -> None:
    payload = in_claim(inner)(json.dumps(asserting.claims()))
    assertion = compact({"alg": "ES256"}, payload, signer("ES256", KEYS["ES256"]))

    assert asserting.post("revoke", assertion, token="unknown").status_code == 200
