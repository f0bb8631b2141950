"""OpenID Connect RP-Initiated Logout section 2: which ID tokens a tenant knows again as its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from rescind.domain import clock
from rescind.domain.registry import keys
from rescind.protocol import openid_connect_core
from tests.protocol.assertions import compact
from tests.protocol.id_tokens import jwks_of, openid_client, signed_in
from tests.servers import Client, Tenant

NOW = 1_800_000_000
STRANGER = RSAKey.generate_key(2048)


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may ask for ID tokens."""
    return openid_client(tenant)


def read_hint(tenant: Tenant, token: str) -> dict[str, Any] | None:
    authority = tenant.server.authority
    return openid_connect_core.read_hint(authority, tenant.record.id, tenant.issuer, token)


def subject_of(claims: dict[str, Any] | None) -> str | None:
    return None if claims is None else str(claims["sub"])


@pytest.mark.parametrize("later", [0, 86_400], ids=["fresh", "long expired"])
def test_s2_an_id_token_is_known_again(client: Client, later: int) -> None:
    clock.set(NOW)
    id_token = signed_in(client)["id_token"]
    clock.set(NOW + later)

    claims = read_hint(client.tenant, id_token)

    assert claims is not None
    assert (claims["sub"], claims["aud"]) == ("alice", client.client_id)


@pytest.mark.requirement("OID-08")
def test_s2_it_is_known_again_when_its_key_is_no_longer_published(client: Client) -> None:
    clock.set(NOW)
    id_token = signed_in(client)["id_token"]
    keys.rotate(client.tenant.server.authority, client.tenant.record)
    clock.set(NOW + 100_000)

    claims = read_hint(client.tenant, id_token)

    assert len(jwks_of(client.tenant)["keys"]) == 1
    assert subject_of(claims) == "alice"


def test_s2_that_of_another_tenant_is_not(client: Client, other_tenant: Tenant) -> None:
    jwks_of(other_tenant)
    id_token = signed_in(client)["id_token"]

    claims = read_hint(other_tenant, id_token)

    assert claims is None


def claims_of(tenant: Tenant) -> dict[str, Any]:
    return {"iss": tenant.issuer, "sub": "alice", "aud": "client", "exp": NOW, "iat": NOW}


def sign(tenant: Tenant, claims: dict[str, Any], typ: str = "JWT") -> str:
    return openid_connect_core.sign(tenant.server.authority, tenant.record.id, claims, typ)


def signed_by_a_stranger(tenant: Tenant) -> str:
    header = {"alg": "RS256", "typ": "JWT", "kid": jwks_of(tenant)["keys"][0]["kid"]}
    return jws.serialize_compact(header, json.dumps(claims_of(tenant)), STRANGER)


def not_signed(tenant: Tenant) -> str:
    header = {"alg": "none", "typ": "JWT", "kid": jwks_of(tenant)["keys"][0]["kid"]}
    return compact(header, json.dumps(claims_of(tenant)).encode(), lambda _: b"")


def signed_with_the_public_key_as_a_secret(tenant: Tenant) -> str:
    public = jwks_of(tenant)["keys"][0]
    secret = OctKey.import_key(RSAKey.import_key(public).as_pem(private=False).hex())
    header = {"alg": "HS256", "typ": "JWT", "kid": public["kid"]}
    return jws.serialize_compact(header, json.dumps(claims_of(tenant)), secret)


def of_another_issuer(tenant: Tenant) -> str:
    return sign(tenant, {**claims_of(tenant), "iss": "https://other.example"})


def with_an_unknown_key_id(tenant: Tenant) -> str:
    jwks_of(tenant)
    header = {"alg": "RS256", "typ": "JWT", "kid": "unknown"}
    return jws.serialize_compact(header, json.dumps(claims_of(tenant)), STRANGER)


def changed(tenant: Tenant) -> str:
    head, _, signature = sign(tenant, claims_of(tenant)).split(".")
    _, payload, _ = sign(tenant, {**claims_of(tenant), "sub": "bob"}).split(".")
    return f"{head}.{payload}.{signature}"


FORGERIES: dict[str, Callable[[Tenant], str]] = {
    "signed by a stranger": signed_by_a_stranger,
    "not signed": not_signed,
    "signed with the public key as a secret": signed_with_the_public_key_as_a_secret,
    "of another issuer": of_another_issuer,
    "with an unknown key id": with_an_unknown_key_id,
    "changed": changed,
    "a logout token": lambda tenant: sign(tenant, claims_of(tenant), "logout+jwt"),
    "no token": lambda tenant: "no token",
    "nothing": lambda tenant: "",
    "dots": lambda tenant: "..",
    "not ASCII": lambda tenant: "ö.ö.ö",
    "half a surrogate": lambda tenant: "\ud800.a.a",
    "no JSON object": lambda tenant: compact(b"[]", b"[]", lambda _: b""),
    "nested without end": lambda tenant: compact(b"[" * 100_000, b"{}", lambda _: b""),
}


def test_s2_one_that_is_made_in_the_same_way_is_read(tenant: Tenant) -> None:
    claims = read_hint(tenant, sign(tenant, claims_of(tenant)))

    assert subject_of(claims) == "alice"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_s2_anything_else_is_not_read(tenant: Tenant, forgery: str) -> None:
    token = FORGERIES[forgery](tenant)

    claims = read_hint(tenant, token)

    assert claims is None
