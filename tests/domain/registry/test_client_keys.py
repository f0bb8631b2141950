"""The keys of a client that authenticates by private_key_jwt: what is registered, and what of it is kept."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from rescind.domain.registry import clients
from rescind.errors import BadValue
from tests.protocol.assertions import KEYS, PRIVATE, RSA, Asserting, key_set, private_key_set
from tests.servers import Client, Tenant, error_of

SMALL_RSA = {
    "kty": "RSA",
    "e": "AQAB",
    "n": "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEj"
    "RWeJq83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k",
}
REFUSED = {
    "no JSON": "keys",
    "not UTF-8": "\udcff",
    "array": "[]",
    "number": "5",
    "null": "null",
    "no keys": "{}",
    "empty": '{"keys": []}',
    "keys null": '{"keys": null}',
    "key null": '{"keys": [null]}',
    "unknown type": '{"keys": [{"kty": "AKP"}]}',
    "half a key": '{"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA"}]}',
    "unknown curve": '{"keys": [{"kty": "EC", "crv": "P-1", "x": "AAAA", "y": "AAAA"}]}',
    "point off the curve": '{"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]}',
    "nested without end": '{"keys": ' + "[" * 30_000,
    "symmetric": '{"keys": [{"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"}]}',
    "weak and symmetric": '{"keys": [{"kty": "oct", "k": "AAAA"}]}',
    "symmetric beside a good one": json.dumps(
        {"keys": [RSA.as_dict(private=False), OctKey.generate_key(256).as_dict(private=True)]}
    ),
    "RSA of 1024 bits": json.dumps({"keys": [SMALL_RSA]}),
}


def kept(client: Client) -> list[dict[str, Any]]:
    """Read the keys that are kept of a client."""
    record = clients.get(client.tenant.server.authority, client.tenant.record, client.client_id)
    keys: list[dict[str, Any]] = json.loads(record.jwks or "{}").get("keys", [])
    return keys


@pytest.mark.requirement("JWA-01")
@pytest.mark.parametrize("algorithm", KEYS)
def test_of_a_private_key_the_public_part_is_kept_and_works(tenant: Tenant, algorithm: str) -> None:
    asserting = Asserting.register(tenant, algorithm, jwks=private_key_set(KEYS[algorithm]))

    reply = asserting.post("revoke", token="unknown")

    (key,) = kept(asserting.client)
    assert key["kty"] == KEYS[algorithm].key_type
    assert not PRIVATE & set(key)
    assert reply.status_code == 200


@pytest.mark.requirement("JWA-01")
@pytest.mark.parametrize("operations", [["sign"], ["sign", "verify"]], ids=["sign", "both"])
def test_what_a_private_key_is_for_is_no_hindrance(tenant: Tenant, operations: list[str]) -> None:
    asserting = Asserting.register(tenant, jwks=private_key_set(KEYS["ES256"], key_ops=operations))

    reply = asserting.post("revoke", token="unknown")

    assert reply.status_code == 200


def test_kid_use_and_alg_are_kept(tenant: Tenant) -> None:
    parameters = {"kid": "key-1", "use": "sig", "alg": "ES256"}

    asserting = Asserting.register(tenant, jwks=key_set(KEYS["ES256"], **parameters))

    (key,) = kept(asserting.client)
    assert parameters.items() <= key.items()


@pytest.mark.requirement("JWA-09")
@pytest.mark.requirement("JWA-14")
@pytest.mark.parametrize("jwks", REFUSED.values(), ids=REFUSED)
def test_what_is_no_set_of_public_keys_is_refused(tenant: Tenant, jwks: str) -> None:
    with pytest.raises(BadValue):
        tenant.new_client(auth_method="private_key_jwt", jwks=jwks)


def test_the_method_needs_keys(tenant: Tenant) -> None:
    with pytest.raises(BadValue):
        tenant.new_client(auth_method="private_key_jwt")


def test_the_method_has_no_secret(tenant: Tenant) -> None:
    with pytest.raises(BadValue):
        tenant.new_client(auth_method="private_key_jwt", jwks=key_set(RSA), secret="a secret")


@pytest.mark.requirement("JWA-15")
def test_new_keys_take_the_place_of_the_old_at_once(tenant: Tenant) -> None:
    asserting = Asserting.register(tenant)
    new = Asserting(asserting.client, ECKey.generate_key("P-256"), "ES256")
    authority = tenant.server.authority

    clients.update(authority, tenant.record, asserting.client.client_id, jwks=key_set(new.key))

    assert new.post("revoke", token="unknown").status_code == 200
    assert asserting.post("revoke", token="unknown").status_code == 401


def test_a_client_that_changes_to_keys_and_back_has_lost_its_old_secret(tenant: Tenant) -> None:
    client = tenant.new_client()
    authority, client_id = tenant.server.authority, client.client_id
    jwks = key_set(ECKey.generate_key("P-256"))
    clients.update(authority, tenant.record, client_id, auth_method="private_key_jwt", jwks=jwks)

    clients.update(authority, tenant.record, client_id, auth_method="client_secret_basic")

    assert client.revoke("unknown").status_code == 401
    renewed = clients.rotate_secret(authority, tenant.record, client_id)
    assert Client(tenant, client_id, renewed.client_secret).revoke("unknown").status_code == 200


def test_a_client_that_is_deleted_can_not_assert_any_more(tenant: Tenant) -> None:
    asserting = Asserting.register(tenant)

    clients.delete(tenant.server.authority, tenant.record, asserting.client.client_id, actor="operator:tests")

    reply = asserting.post("revoke", token="unknown")
    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
