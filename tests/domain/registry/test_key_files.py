"""The files in which people have the keys of a client: what is read, and how a fault is named."""

import codecs
import datetime
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from rescind.domain.registry import clients
from rescind.errors import BadValue
from tests.protocol.assertions import RSA, Asserting, key_set, private_key_set
from tests.servers import Client, Tenant

# The library warns of one.
RSA_1024 = {"kty": "RSA", "e": "AQAB", "n": "q83v" * 42 + "q80"}
EC = ECKey.generate_key("P-256")
Pem = ECKey | RSAKey
GOOD = EC.as_dict(private=False)


def jwk(key: Key, **parameters: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **parameters}


BESIDE = {
    "no kty": {"crv": "P-256", "x": "AAAA"},
    "kty of tomorrow": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
    "kty number": {"kty": 5},
    "kty list": {"kty": ["EC"]},
    "null": None,
    "string": "key",
    "half a key": {"kty": "EC", "crv": "P-256", "x": "AAAA"},
    "point off the curve": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    "curve P-384": jwk(ECKey.generate_key("P-384")),
    "curve P-521": jwk(ECKey.generate_key("P-521")),
    "curve secp256k1": jwk(ECKey.generate_key("secp256k1")),
    "curve unknown": {"kty": "EC", "crv": "P-1", "x": "AAAA", "y": "AAAA"},
    "X25519": jwk(OKPKey.generate_key("X25519")),
    "Ed448": jwk(OKPKey.generate_key("Ed448")),
    "RSA 1024": RSA_1024,
    "use enc": jwk(RSA, use="enc"),
    "use of another's": jwk(RSA, use="tls"),
    "alg of encryption": jwk(RSA, alg="RSA-OAEP-256"),
    "alg not offered": jwk(RSA, alg="RS512"),
    "key_ops of encryption": jwk(RSA, key_ops=["wrapKey"]),
    "key_ops number": jwk(RSA, key_ops=1),
    "kid number": jwk(RSA, kid=1),
    "x5c number": jwk(RSA, x5c=1),
}


def certificate(key: Pem, issuer: Pem) -> str:
    """Write a certificate of a key in PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    public: Any = serialization.load_pem_public_key(key.as_pem(private=False))
    private: Any = serialization.load_pem_private_key(issuer.as_pem(private=True), None)
    builder = x509.CertificateBuilder(name, name, public, 1, start, start + datetime.timedelta(days=9))
    signed = builder.sign(private, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def public_pem(key: Pem) -> str:
    return key.as_pem(private=False).decode()


SET = key_set(EC)
READ: dict[str, str | bytes] = {
    "set": SET,
    "set with a byte order mark": codecs.BOM_UTF8 + SET.encode(),
    "text with a byte order mark": "\ufeff" + SET,
    "set in UTF-16": SET.encode("utf-16"),
    "set with empty lines around": f"\r\n\r\n{SET}\r\n",
    "one key": json.dumps(GOOD),
    "list of keys": json.dumps([GOOD]),
    "one private key": json.dumps(EC.as_dict(private=True)),
    "PEM": public_pem(EC),
    "PEM with a byte order mark and Windows line ends": "\ufeff" + public_pem(EC).replace("\n", "\r\n"),
    "PEM with words before": f"My key:\n\n{public_pem(EC)}",
    "PEM of several": public_pem(RSA) + public_pem(EC),
    "PEM of a private key": EC.as_pem(private=True),
    "certificate": certificate(EC, RSA),
}
PEM_LOCKED = EC.as_pem(private=True, password="a password")
ONLY_UNFIT = {
    "empty": ("", "The key file is empty"),
    "white space": (b"\xef\xbb\xbf \r\n", "The key file is empty"),
    "no text": (b"\x89PNG\r\n\x1a\n\xff", "not text in UTF-8"),
    "half of UTF-16": (b"\xff\xfea", "not text in UTF-8"),
    "neither": ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host", "neither JSON at line 1 nor PEM"),
    "cut JSON": ('{"keys": [\n{"kty": "EC",', "neither JSON at line 2 nor PEM"),
    "another document": ('{"jwks_uri": "https://client.example/jwks"}', "a list named keys"),
    "no keys": ('{"keys": []}', "holds no key"),
    "no kty": (json.dumps({"keys": [BESIDE["no kty"]]}), "key 1 has no type (kty)"),
    "small RSA": (json.dumps({"keys": [RSA_1024]}), "key 1 is RSA of less than 2048 bits"),
    "two of them": (
        json.dumps([BESIDE["use enc"], BESIDE["curve P-384"]]),
        "key 1 is not for signatures; key 2 is of a curve",
    ),
    "damaged": (json.dumps([BESIDE["half a key"]]), "key 1 is incomplete or damaged"),
    "alg": (json.dumps([BESIDE["alg not offered"]]), "key 1 is for an algorithm"),
    "symmetric": (private_key_set(OctKey.generate_key(256)), "a symmetric key, which is a secret"),
    "cut PEM": (public_pem(EC)[:60], "a block has no end"),
    "damaged PEM": ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "block PUBLIC KEY"),
    "PEM of another kind": (
        "-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----",
        "block PGP MESSAGE",
    ),
    "locked PEM": (PEM_LOCKED, "is encrypted"),
    "PEM of another curve": (public_pem(ECKey.generate_key("P-384")), "key 1 is of a curve"),
}


def registered(tenant: Tenant, jwks: str | bytes) -> Asserting:
    """Register a client that signs with the good key."""
    client = tenant.new_client(auth_method="private_key_jwt", jwks=jwks)
    return Asserting(client, EC, "ES256")


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("other", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_rfc7517_s5_what_does_not_fit_beside_a_good_key_is_passed_over(
    tenant: Tenant, other: Any, is_first: bool
) -> None:
    keys = [other, GOOD] if is_first else [GOOD, other]

    asserting = registered(tenant, json.dumps({"keys": keys}))

    assert asserting.post("revoke", token="unknown").status_code == 200
    assert kept(asserting.client) == [GOOD]


@pytest.mark.parametrize("given", READ.values(), ids=READ)
def test_a_file_as_people_have_it_is_read(tenant: Tenant, given: str | bytes) -> None:
    asserting = registered(tenant, given)

    reply = asserting.post("revoke", asserting.assertion(header={"kid": "of-the-client"}), token="unknown")

    assert reply.status_code == 200


@pytest.mark.parametrize(("given", "sentence"), ONLY_UNFIT.values(), ids=ONLY_UNFIT)
def test_a_file_without_a_key_that_fits_is_refused_by_its_fault(
    tenant: Tenant, given: str | bytes, sentence: str
) -> None:
    with pytest.raises(BadValue) as refused:
        tenant.new_client(auth_method="private_key_jwt", jwks=given)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_of_a_chain_of_certificates_the_issuer_signs_nothing_for_the_client(tenant: Tenant) -> None:
    chain = certificate(EC, RSA) + certificate(RSA, RSA)

    asserting = registered(tenant, chain)

    issuer = Asserting(asserting.client, RSA, "RS256")
    assert asserting.post("revoke", token="unknown").status_code == 200
    assert issuer.post("revoke", token="unknown").status_code == 401


def kept(client: Client) -> list[dict[str, Any]]:
    """Read the keys that are kept of a client."""
    record = clients.get(client.tenant.server.authority, client.tenant.record, client.client_id)
    keys: list[dict[str, Any]] = json.loads(record.jwks or "{}")["keys"]
    return keys
