"""RFC 7523 section 3 and RFC 7517 section 4: which of a client's keys may have signed its assertion."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OKPKey

from rescind.store import clients as client_rows
from tests.protocol.assertions import KEYS, RSA, Asserting, key_set, large_rsa_key
from tests.servers import Client, Tenant, error_of

EC = ECKey.generate_key("P-256")


def jwk(key: Key, **parameters: str) -> dict[str, Any]:
    return {**key.as_dict(private=False), **parameters}


def keep(asserting: Asserting, jwks: str | None) -> None:
    """Put keys into the store as an earlier version has, where there are any to put there."""
    tenant, client_id = asserting.client.tenant, asserting.client.client_id
    values = {"jwks": jwks} if jwks else {"name": None}
    tenant.server.authority.store.transact(
        lambda tx: client_rows.change(tx, tenant.record.id, client_id, values)
    )


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("is_kept", [False, True], ids=["registered now", "kept by an earlier version"])
@pytest.mark.parametrize("kid", ["key-1", "", "https://client.example/keys#1"], ids=["word", "empty", "URL"])
def test_rfc7517_s4_5_a_key_without_kid_is_tried_by_its_type(tenant: Tenant, kid: str, is_kept: bool) -> None:
    other = ECKey.generate_key("P-256", auto_kid=True)
    # Earlier versions have kept the thumbprint as the id of a key that had none.
    earlier = json.dumps({"keys": [jwk(RSA), jwk(other, kid="key-0"), jwk(EC, kid=EC.thumbprint())]})
    asserting = Asserting.register(tenant, jwks=key_set(RSA, EC))
    keep(asserting, earlier if is_kept else None)

    reply = asserting.post("revoke", asserting.assertion(header={"kid": kid}, key=EC), token="unknown")

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("which", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("has_kid", [True, False], ids=["kid", "no kid"])
def test_rfc7517_s4_5_each_key_of_the_client_will_do(tenant: Tenant, which: int, has_kid: bool) -> None:
    keys = [ECKey.generate_key(parameters={"kid": f"key-{number}"}) for number in range(3)]
    asserting = Asserting.register(tenant, jwks=key_set(KEYS["RS256"], *keys))
    header = {"kid": f"key-{which}"} if has_kid else {}

    reply = asserting.post("revoke", asserting.assertion(header=header, key=keys[which]), token="unknown")

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("kid", ["key-2", "key-1 ", "", "KEY-1"])
def test_rfc7517_s4_5_the_key_of_another_kid_will_not(
    tenant: Tenant, resource_server: Client, kid: str
) -> None:
    keys: list[Key] = [ECKey.generate_key(parameters={"kid": f"key-{number}"}) for number in (1, 2)]
    asserting = Asserting.register(tenant, jwks=key_set(*keys))
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, asserting.assertion(header={"kid": kid}, key=keys[0]))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("parameters", [{"use": "enc"}, {"alg": "ES384"}], ids=["use", "alg"])
@pytest.mark.parametrize("is_kept", [False, True], ids=["passed over", "kept by an earlier version"])
def test_rfc7517_s4_2_a_key_for_something_else_will_not(
    tenant: Tenant, resource_server: Client, parameters: dict[str, str], is_kept: bool
) -> None:
    jwks = json.dumps({"keys": [jwk(KEYS["ES256"], **parameters), jwk(KEYS["EdDSA"])]})
    asserting = Asserting.register(tenant, jwks=jwks)
    keep(asserting, jwks if is_kept else None)
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, asserting.assertion())

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


def test_rfc7518_s3_3_a_large_rsa_key_will_do(tenant: Tenant) -> None:
    key = large_rsa_key()
    asserting = Asserting.register(tenant, "RS256", jwks=key_set(key))

    reply = asserting.post("revoke", asserting.assertion(key=key), token="unknown")

    assert reply.status_code == 200


def test_rfc8037_s2_a_key_that_can_not_sign_stands_in_no_other_s_way(tenant: Tenant) -> None:
    jwks = key_set(OKPKey.generate_key("X25519"), ECKey.generate_key("P-384"), KEYS["EdDSA"], KEYS["ES256"])
    asserting = Asserting.register(tenant, "EdDSA", jwks=jwks)

    reply = asserting.post("revoke", token="unknown")

    assert reply.status_code == 200
