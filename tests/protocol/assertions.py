"""A client that authenticates by private_key_jwt (RFC 7523), well or in any way that it should not."""

import base64
import json
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from rescind.domain import clock
from tests.protocol.raw_requests import request
from tests.servers import Client, Tenant

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RSA = RSAKey.generate_key(2048)
# The key of each algorithm that clients may sign with.
KEYS: dict[str, Key] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
# The parameters of a key that are nobody's but its owner's (RFC 7518 section 6).
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}
# The least that an endpoint answers with 200 to a client that was authenticated.
SIMPLEST = {
    "revoke": {"token": "unknown"},
    "introspect": {"token": "unknown"},
    "token": {"grant_type": "client_credentials"},
}


def encoded(content: bytes) -> bytes:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def compact(header: bytes | dict[str, Any], payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Write a compact JWS of whatever is given; no check of a library stands in the way."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = encoded(head) + b"." + encoded(payload)
    return (signing_input + b"." + encoded(sign(signing_input))).decode()


def signer(algorithm: str, key: Key) -> Callable[[bytes], bytes]:
    """Give what signs with a key."""
    return lambda message: jws.JWSRegistry.algorithms[algorithm].sign(message, key)


def large_rsa_key() -> RSAKey:
    """Make an RSA key of 7470 bits, out of two primes that are known, as finding such takes seconds."""
    p, q, e = 2**4253 - 1, 2**3217 - 1, 65537
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    public = RSAPublicNumbers(e, p * q)
    numbers = RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return RSAKey.import_key(numbers.private_key(unsafe_skip_rsa_key_validation=True))


def key_set(*keys: Key, **parameters: str) -> str:
    """Write the public parts of keys as a JWK set."""
    return json.dumps({"keys": [{**key.as_dict(private=False), **parameters} for key in keys]})


def private_key_set(*keys: Key, **parameters: Any) -> str:
    """Write keys with their private parts as a JWK set, as no client should hand them over."""
    return json.dumps({"keys": [{**key.as_dict(private=True), **parameters} for key in keys]})


@dataclass(frozen=True)
class Asserting:
    """A client with the key that signs its assertions."""

    client: Client
    key: Key
    algorithm: str

    @classmethod
    def register(cls, tenant: Tenant, algorithm: str = "ES256", **options: Any) -> "Asserting":
        """Register a client that authenticates by private_key_jwt."""
        key = KEYS[algorithm]
        options = {"auth_method": "private_key_jwt", "jwks": key_set(key), **options}
        return cls(tenant.new_client(**options), key, algorithm)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Give the claims of a good assertion with a fresh jti, and these put in, or left out where `...`."""
        now, tenant = clock.now(), self.client.tenant
        client_id = self.client.client_id
        claims: dict[str, Any] = {"iss": client_id, "sub": client_id, "aud": tenant.issuer}
        claims |= {"jti": uuid.uuid4().hex, "iat": now, "exp": now + 300, **changes}
        return {name: value for name, value in claims.items() if value is not ...}

    def assertion(
        self, *, header: dict[str, Any] | None = None, key: Key | None = None, **changes: Any
    ) -> str:
        """Sign the claims: with another key, or with these header parameters, where they are given."""
        return self.signed(json.dumps(self.claims(**changes)), header=header, key=key)

    def signed(self, payload: str, *, header: dict[str, Any] | None = None, key: Key | None = None) -> str:
        """Sign any payload in the same way."""
        sign = signer(self.algorithm, key or self.key)
        return compact({"alg": self.algorithm, **(header or {})}, payload.encode(), sign)

    def post(self, endpoint: str, assertion: str | None = None, **form: str) -> httpx.Response:
        """Send a form with an assertion, a good one where none is given. What is empty in it is left out.

        The client is named by the assertion alone, unless the form names it.
        """
        shown = {"client_assertion_type": TYPE, "client_assertion": assertion or self.assertion()}
        body = urlencode({name: value for name, value in {**shown, **form}.items() if value})
        return request(self.client.tenant, endpoint, body)

    def revoke(self, token: str, assertion: str, **form: str) -> httpx.Response:
        """Revoke a token, authenticated by this assertion."""
        return self.post("revoke", assertion, token=token, **form)
