"""RFC 7523 section 3: claims for which an assertion is refused, however well it is signed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from rescind.domain import clock
from tests.protocol.assertions import KEYS, Asserting, key_set
from tests.servers import Client, Tenant, error_of

NOW = 1_800_000_000
Audience = Callable[[str], Any]

# What an audience is made of: the issuer, `<public url>/t/<tenant>/oauth2/token`.
AUDIENCES: dict[str, Audience] = {
    "missing": lambda issuer: ...,
    "null": lambda issuer: None,
    "empty": lambda issuer: "",
    "empty array": lambda issuer: [],
    "array of two": lambda issuer: [issuer, "https://elsewhere.example"],
    "array of two, ours last": lambda issuer: ["https://elsewhere.example", issuer],
    "array of the same twice": lambda issuer: [issuer, issuer],
    "array in an array": lambda issuer: [[issuer]],
    "object": lambda issuer: {issuer: True},
    "number": lambda issuer: 1,
    "revocation endpoint": lambda issuer: issuer.replace("/token", "/revoke"),
    "introspection endpoint": lambda issuer: issuer.replace("/token", "/introspect"),
    "server": lambda issuer: issuer.partition("/t/")[0],
    "tenant": lambda issuer: issuer.removesuffix("/oauth2/token"),
    "slash behind": lambda issuer: issuer + "/",
    "query behind": lambda issuer: issuer + "?",
    "white space behind": lambda issuer: issuer + " ",
    "capitals": lambda issuer: issuer.upper(),
    "other scheme": lambda issuer: issuer.replace("http:", "https:"),
    "another tenant": lambda issuer: issuer.replace("/t/", "/t/other-"),
}
CLAIMS: dict[str, dict[str, Any]] = {
    "no exp": {"exp": ...},
    "exp past beyond the skew": {"exp": NOW - 60},
    "exp of yesterday": {"exp": NOW - 86_400},
    "exp further than an hour": {"exp": NOW + 3661},
    "exp in ten years": {"exp": NOW + 315_360_000},
    "nbf beyond the skew": {"nbf": NOW + 61},
    "iat beyond the skew": {"iat": NOW + 61},
    "no jti": {"jti": ...},
    "jti null": {"jti": None},
    "jti empty": {"jti": ""},
    "jti number": {"jti": 5},
    "jti array": {"jti": ["a"]},
    "jti too long": {"jti": "j" * 256},
    "jti with NUL": {"jti": "a\0b"},
    "jti with line feed": {"jti": "a\n"},
    "jti with half a character": {"jti": "\ud800"},
    "no iss": {"iss": ...},
    "iss of another": {"iss": "somebody"},
    "iss array": {"iss": ["somebody"]},
    "no sub": {"sub": ...},
    "sub of another": {"sub": "somebody"},
    "sub null": {"sub": None},
    "sub number": {"sub": 5},
    "sub with half a character": {"sub": "\ud800"},
}
NUMBERS = ["1e400", "-1e400", "NaN", "Infinity", "1e308", f"1{'0' * 400}", f"1{'0' * 5000}"]
NO_NUMBERS = ["true", f'"{NOW}"', "null", f"[{NOW}]", "{}", "0x6B49D200", "1800000000.", ""]
PAYLOADS = {
    "nothing": "",
    "array": "[]",
    "null": "null",
    "number": "5",
    "string": '"sub"',
    "half an object": '{"sub": "',
    "nested without end": "[" * 30_000,
    "objects nested without end": '{"sub":' * 6_000,
}


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    clock.set(NOW)
    return Asserting.register(tenant)


@pytest.fixture
def token(asserting: Asserting) -> str:
    return asserting.client.issue(access_token_seconds=86_400).access_token


@pytest.mark.requirement("JWA-02")
@pytest.mark.requirement("JWA-03")
@pytest.mark.parametrize("audience", AUDIENCES.values(), ids=AUDIENCES)
def test_rfc7523bis_s4_another_audience_than_the_issuer(
    asserting: Asserting, token: str, resource_server: Client, audience: Audience
) -> None:
    aud = audience(asserting.client.tenant.issuer)

    reply = asserting.revoke(token, asserting.assertion(aud=aud))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-04")
@pytest.mark.requirement("JWA-05")
@pytest.mark.requirement("JWA-06")
@pytest.mark.requirement("JWA-07")
@pytest.mark.requirement("JWA-08")
@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS)
def test_s3_a_claim_that_is_missing_or_wrong(
    asserting: Asserting, token: str, resource_server: Client, changes: dict[str, Any]
) -> None:
    reply = asserting.revoke(token, asserting.assertion(**changes))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-04")
@pytest.mark.requirement("JWA-13")
@pytest.mark.parametrize("value", [*NUMBERS, *NO_NUMBERS], ids=lambda value: value[:12] or "nothing")
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_rfc7519_s2_a_time_that_is_none(
    asserting: Asserting, token: str, resource_server: Client, claim: str, value: str
) -> None:
    payload = json.dumps(asserting.claims(**{claim: 0})).replace(f'"{claim}": 0', f'"{claim}": {value}')

    reply = asserting.revoke(token, asserting.signed(payload))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-13")
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_rfc7519_s3_a_payload_that_is_no_object(
    asserting: Asserting, token: str, resource_server: Client, payload: str
) -> None:
    reply = asserting.revoke(token, asserting.signed(payload), client_id=asserting.client.client_id)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-08")
@pytest.mark.requirement("JWA-09")
@pytest.mark.parametrize("own", [(), ("iss",), ("sub",)], ids=["neither", "own iss", "own sub"])
def test_s3_a_client_can_not_speak_for_another(
    asserting: Asserting, token: str, tenant: Tenant, resource_server: Client, own: tuple[str, ...]
) -> None:
    mallory = Asserting.register(tenant, "EdDSA")
    claims: dict[str, Any] = dict.fromkeys(("iss", "sub"), asserting.client.client_id)
    claims |= dict.fromkeys(own, mallory.client.client_id)

    reply = mallory.revoke(token, mallory.assertion(**claims))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-03")
@pytest.mark.requirement("TEN-08")
def test_rfc7523bis_s4_an_assertion_for_one_tenant_is_good_for_no_other(
    asserting: Asserting, other_tenant: Tenant
) -> None:
    namesake = Asserting.register(
        other_tenant, client_id=asserting.client.client_id, jwks=key_set(KEYS["ES256"])
    )
    observer = other_tenant.new_client(is_resource_server=True)
    token = namesake.client.issue().access_token

    reply = namesake.revoke(token, asserting.assertion())

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert observer.is_active(token)


@pytest.mark.requirement("JWA-03")
@pytest.mark.requirement("TEN-08")
def test_rfc7523bis_s4_nor_is_one_that_names_both(asserting: Asserting, other_tenant: Tenant) -> None:
    namesake = Asserting.register(other_tenant, client_id=asserting.client.client_id)
    observer = other_tenant.new_client(is_resource_server=True)
    token = namesake.client.issue().access_token
    audience = [asserting.client.tenant.issuer, other_tenant.issuer]

    reply = namesake.revoke(token, namesake.assertion(aud=audience))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert observer.is_active(token)
