"""RFC 7515 and RFC 8725: what an attacker sends in place of an assertion that the client has signed."""

import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, RSAKey

from rescind.protocol.rfc7523_client_assertion import claimed_client_id, verify
from tests.extent import tries
from tests.protocol.assertions import KEYS, RSA, SIMPLEST, Asserting, compact, encoded, key_set, signer
from tests.servers import Client, Tenant, error_of

Forged = Callable[[Asserting], str]
OTHER_RSA = RSAKey.generate_key(2048)
OTHER_EC = ECKey.generate_key("P-256")
PUBLIC_RSA = RSA.as_dict(private=False)


def signed(header: bytes | dict[str, Any], sign: Callable[[bytes], bytes]) -> Forged:
    """Sign good claims under any header, by any means."""
    return lambda asserting: compact(header, json.dumps(asserting.claims()).encode(), sign)


def by(algorithm: str, key: Key = RSA, **header: Any) -> Forged:
    """Sign good claims by an algorithm, under a header that names it unless it is given another."""
    return signed({"alg": algorithm, **header}, signer(algorithm, key))


def mac(secret: bytes) -> Forged:
    """Authenticate good claims by HMAC, with what anybody may know as its key."""
    return signed({"alg": "HS256"}, lambda message: hmac.digest(secret, message, "sha256"))


def unsigned(algorithm: str) -> Forged:
    """Leave the signature empty."""
    return signed({"alg": algorithm}, lambda message: b"")


def altered(alter: Callable[[str, str, str], str]) -> Forged:
    """Take a good assertion apart, and put it together in another way."""
    return lambda asserting: alter(*asserting.assertion().split("."))


def with_other_claims(head: str, payload: str, signature: str) -> str:
    return f"{head}.{encoded(b'{}').decode()}.{signature}"


def with_bit_flipped(head: str, payload: str, signature: str) -> str:
    return f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


# Every one of them is signed with the client's own RSA key, or claims to be.
FORGED: dict[str, Forged] = {
    "alg none": unsigned("none"),
    "alg none in capitals": unsigned("NONE"),
    "alg RS256, empty signature": unsigned("RS256"),
    "HS256 with the public key in PEM": mac(RSA.as_pem(private=False)),
    "HS256 with the public key in DER": mac(RSA.as_der(private=False)),
    "HS256 with the public JWK": mac(json.dumps(PUBLIC_RSA).encode()),
    "HS256 with nothing": mac(b""),
    "another key": by("RS256", OTHER_RSA),
    "another key that is sent along": by("RS256", OTHER_RSA, jwk=OTHER_RSA.as_dict(private=False)),
    "another key that is pointed to": by("RS256", OTHER_RSA, jku="https://mallory.example/jwks"),
    "a key of another type": by("ES256", OTHER_EC),
    "right key, an algorithm not offered": by("RS384"),
    "right key, another algorithm named": by("RS256", alg="PS256"),
    "no alg": signed({}, signer("RS256", RSA)),
    "alg null": by("RS256", alg=None),
    "alg array": by("RS256", alg=["RS256"]),
    "alg object": by("RS256", alg={}),
    "alg empty": by("RS256", alg=""),
    "alg with white space": by("RS256", alg="RS256 "),
    "kid null": by("RS256", kid=None),
    "kid number": by("RS256", kid=1),
    "typ of an access token": by("RS256", typ="at+jwt"),
    "typ of a logout token": by("RS256", typ="logout+jwt"),
    "typ of an event": by("RS256", typ="secevent+jwt"),
    "typ of an introspection": by("RS256", typ="token-introspection+jwt"),
    "typ empty": by("RS256", typ=""),
    "typ null": by("RS256", typ=None),
    "typ array": by("RS256", typ=["JWT"]),
    "crit of what is not known": by("RS256", crit=["vendor"], vendor=1),
    "crit of what is known": by("RS256", crit=["typ"], typ="JWT"),
    "crit of b64": by("RS256", crit=["b64"], b64=True),
    "crit empty": by("RS256", crit=[]),
    "crit string": by("RS256", crit="exp"),
    "crit number": by("RS256", crit=5),
    "b64 without crit": by("RS256", b64=False),
    "header array": signed(b'["alg"]', signer("RS256", RSA)),
    "header string": signed(b'"alg"', signer("RS256", RSA)),
    "header null": signed(b"null", signer("RS256", RSA)),
    "header empty": signed(b"", signer("RS256", RSA)),
    "header not UTF-8": signed(b'{"alg":"RS256","x":"\xff"}', signer("RS256", RSA)),
    "header nested without end": signed(b"[" * 2_900, signer("RS256", RSA)),
    "header beyond all measure": by("RS256", vendor="x" * 4_000),
    "bit flipped": altered(with_bit_flipped),
    "other claims": altered(with_other_claims),
    "signature cut": altered(lambda head, payload, signature: f"{head}.{payload}.{signature[:-4]}"),
    "signature longer": altered(lambda head, payload, signature: f"{head}.{payload}.{signature}AAAA"),
    "signature padded": altered(lambda head, payload, signature: f"{head}.{payload}.{signature}="),
    "no signature": altered(lambda head, payload, signature: f"{head}.{payload}"),
    "five parts": altered(lambda head, payload, signature: f"{head}.{payload}.{signature}.x.y"),
    "payload detached": altered(lambda head, payload, signature: f"{head}..{signature}"),
    "line feed behind": altered(lambda *parts: ".".join(parts) + "\n"),
}
JUNK = {
    "word": "assertion",
    "dots": "..",
    "three letters": "a.b.c",
    "JWE": f"{encoded(b'{}').decode()}.a.b.c.d",
    "no ASCII": "ä.ö.ü",
    "JSON": json.dumps({"payload": "e30", "signatures": []}),
    "60 KiB": "x" * 60 * 1024,
    "60 KiB of dots": "." * 60 * 1024,
    "60 KiB of brackets": f"{encoded(b'[' * 40_000).decode()}.e30.x",
}
NOW = 1_800_000_000
GOOD = {"iss": "me", "sub": "me", "aud": "https://issuer.example", "jti": "1", "exp": NOW + 1, "iat": NOW}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
headers = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "zip", "vendor"]), json_values
)


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    return Asserting.register(tenant, "RS256")


@pytest.mark.requirement("JWA-09")
@pytest.mark.requirement("JWA-12")
@pytest.mark.requirement("JWA-13")
@pytest.mark.requirement("JWA-14")
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_rfc7515_s5_2_what_the_client_has_not_signed_so_revokes_nothing(
    asserting: Asserting, resource_server: Client, forged: Forged
) -> None:
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, forged(asserting))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-09")
@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("damaged", [with_bit_flipped, with_other_claims])
def test_rfc7515_s5_2_each_algorithm_is_checked(
    tenant: Tenant, resource_server: Client, algorithm: str, damaged: Callable[[str, str, str], str]
) -> None:
    asserting = Asserting.register(tenant, algorithm)
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, altered(damaged)(asserting))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-09")
@pytest.mark.parametrize("forged", [unsigned("none"), by("RS256", OTHER_RSA)], ids=["none", "another key"])
@pytest.mark.parametrize("endpoint", SIMPLEST)
def test_rfc7515_s5_2_no_endpoint_takes_what_is_forged(
    asserting: Asserting, endpoint: str, forged: Forged
) -> None:
    reply = asserting.post(endpoint, forged(asserting), **SIMPLEST[endpoint])

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("JWA-13")
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
@pytest.mark.parametrize("named", [False, True], ids=["nameless", "with client_id"])
def test_rfc7519_s7_2_what_is_no_jwt_revokes_nothing(
    asserting: Asserting, resource_server: Client, junk: str, named: bool
) -> None:
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, junk, client_id=asserting.client.client_id * named)

    assert reply.status_code in {401, 413}
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-13")
def test_rfc7519_s7_2_more_than_the_server_reads_revokes_nothing(
    asserting: Asserting, resource_server: Client
) -> None:
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, "x" * 100 * 1024)

    assert reply.status_code == 413
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-14")
def test_oidc_core_s9_the_secret_of_a_client_signs_nothing(client: Client, resource_server: Client) -> None:
    asserting = Asserting(client, RSA, "RS256")
    token = client.issue().access_token

    reply = asserting.revoke(token, mac(str(client.secret).encode())(asserting))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-13")
@settings(max_examples=tries(100), deadline=None)
@given(header=headers, changes=st.dictionaries(st.sampled_from(sorted(GOOD)), json_values))
def test_whatever_a_client_has_signed_is_no_error_and_is_remembered_for_a_bounded_time(
    header: dict[str, Any], changes: dict[str, Any]
) -> None:
    payload = json.dumps(GOOD | changes).encode()
    assertion = compact({"alg": "ES256"} | header, payload, signer("ES256", KEYS["ES256"]))

    verified = verify(assertion, key_set(KEYS["ES256"]), "me", "https://issuer.example", now=NOW)

    assert verified is None or (verified.jti and NOW < verified.expires_at <= NOW + 3720)


@pytest.mark.requirement("JWA-13")
@settings(max_examples=tries(100), deadline=None)
@given(parts=st.lists(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode())))
def test_whatever_else_is_sent_names_nobody(parts: list[bytes]) -> None:
    assertion = ".".join(encoded(part).decode() for part in parts)

    assert claimed_client_id(assertion) is None
    assert verify(assertion, key_set(RSA), "me", "https://issuer.example", now=NOW) is None
