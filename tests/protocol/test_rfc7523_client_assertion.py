"""RFC 7523 section 2.2, private_key_jwt: the assertions by which a client is authenticated."""

import json

import httpx
import pytest
from joserfc.jwk import ECKey, Key, RSAKey

from rescind.domain import clock
from tests.protocol.assertions import KEYS, SIMPLEST, TYPE, Asserting, key_set
from tests.servers import Client, Tenant

NOW = 1_800_000_000
ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)
METADATA = {"token": "token_endpoint", "revoke": "revocation_endpoint", "introspect": "introspection_endpoint"}


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    return Asserting.register(tenant, scope="read write")


def metadata(tenant: Tenant) -> dict[str, list[str]]:
    with tenant.server.http() as http:
        document: dict[str, list[str]] = http.get(
            f"/.well-known/oauth-authorization-server{tenant.path}/token"
        ).json()
    return document


@pytest.mark.requirement("JWA-01")
@pytest.mark.parametrize("algorithm", KEYS)
def test_s2_2_a_client_that_is_known_by_its_assertion_alone_revokes(
    tenant: Tenant, resource_server: Client, algorithm: str
) -> None:
    asserting = Asserting.register(tenant, algorithm)
    token = asserting.client.issue().access_token
    assert resource_server.is_active(token)

    reply = asserting.revoke(token, asserting.assertion())

    assert (reply.status_code, reply.content) == (200, b"")
    assert not resource_server.is_active(token)


@pytest.mark.requirement("JWA-01")
@pytest.mark.parametrize("named", [False, True], ids=["by the assertion", "and by client_id"])
@ENDPOINTS
def test_s2_2_every_endpoint_takes_it(asserting: Asserting, endpoint: str, named: bool) -> None:
    client_id = asserting.client.client_id * named

    reply = asserting.post(endpoint, client_id=client_id, **SIMPLEST[endpoint])

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-01")
def test_s2_2_the_tokens_that_it_gets_are_its_own(asserting: Asserting) -> None:
    token = asserting.post("token", grant_type="client_credentials").json()["access_token"]

    reply = asserting.post("introspect", token=token)

    assert reply.json()["active"] is True
    assert reply.json()["client_id"] == asserting.client.client_id


@pytest.mark.requirement("JWA-01")
def test_s2_1_it_redeems_a_code_and_refreshes(asserting: Asserting, resource_server: Client) -> None:
    code = asserting.client.mint_code()
    redeemed = asserting.exchange(code).json()

    refreshed = asserting.post(
        "token", grant_type="refresh_token", refresh_token=redeemed["refresh_token"]
    ).json()

    assert resource_server.is_active(redeemed["access_token"])
    assert resource_server.is_active(refreshed["access_token"])


@pytest.mark.requirement("JWA-02")
@pytest.mark.parametrize("is_array", [False, True], ids=["string", "array of one"])
@ENDPOINTS
def test_rfc7523bis_s4_the_audience_is_the_issuer(
    asserting: Asserting, endpoint: str, is_array: bool
) -> None:
    issuer = asserting.client.tenant.issuer

    reply = asserting.post(
        endpoint, asserting.assertion(aud=[issuer] if is_array else issuer), **SIMPLEST[endpoint]
    )

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-04")
@pytest.mark.requirement("JWA-05")
@pytest.mark.requirement("JWA-06")
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW + 3600},
        {"exp": NOW - 59},
        {"exp": NOW + 300.5},
        {"nbf": NOW + 60},
        {"iat": NOW + 60},
        {"iat": ...},
        {"iat": NOW - 86_400},
    ],
    ids=[
        *["an hour ahead", "past within the skew", "a fraction of a second"],
        *["nbf within the skew", "iat within the skew", "no iat", "iat of yesterday"],
    ],
)
def test_s3_times_within_the_bounds_are_taken(asserting: Asserting, changes: dict[str, object]) -> None:
    clock.set(NOW)

    reply = asserting.post("revoke", asserting.assertion(**changes), token="unknown")

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-12")
@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", "Client-Authentication+JWT"])
def test_rfc7523bis_s4_the_types_of_a_client_assertion_are_taken(asserting: Asserting, typ: str) -> None:
    reply = asserting.post("revoke", asserting.assertion(header={"typ": typ}), token="unknown")

    assert reply.status_code == 200


def test_rfc7515_s4_a_header_parameter_that_is_not_known_is_ignored(asserting: Asserting) -> None:
    header = {"vendor": {"deep": [1]}, "x5t#S256": "x" * 43}

    reply = asserting.post("revoke", asserting.assertion(header=header), token="unknown")

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("which", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("has_kid", [True, False], ids=["kid", "no kid"])
def test_rfc7517_s4_5_each_key_of_the_client_will_do(tenant: Tenant, which: int, has_kid: bool) -> None:
    keys = [ECKey.generate_key(parameters={"kid": f"key-{number}"}) for number in range(3)]
    asserting = Asserting.register(tenant, jwks=key_set(KEYS["RS256"], *keys))
    header = {"kid": f"key-{which}"} if has_kid else {}

    reply = asserting.post(
        "revoke", asserting.assertion(header=header, key=keys[which]), token="unknown"
    )

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

    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-15")
@pytest.mark.parametrize("parameters", [{"use": "enc"}, {"alg": "ES384"}], ids=["use", "alg"])
def test_rfc7517_s4_2_a_key_for_something_else_will_not(
    tenant: Tenant, resource_server: Client, parameters: dict[str, str]
) -> None:
    asserting = Asserting.register(tenant, jwks=key_set(KEYS["ES256"], **parameters))
    token = asserting.client.issue().access_token

    reply = asserting.revoke(token, asserting.assertion())

    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert resource_server.is_active(token)


def test_rfc7518_s3_3_a_large_rsa_key_will_do(tenant: Tenant) -> None:
    key = RSAKey.import_key(json.loads(LARGE_RSA))
    asserting = Asserting.register(tenant, "RS256", jwks=key_set(key))

    reply = asserting.post("revoke", asserting.assertion(key=key), token="unknown")

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-16")
@pytest.mark.requirement("MET-06")
@ENDPOINTS
def test_rfc8414_s2_the_algorithms_that_work_are_listed(tenant: Tenant, endpoint: str) -> None:
    document = metadata(tenant)

    listed = document[f"{METADATA[endpoint]}_auth_signing_alg_values_supported"]
    assert sorted(listed) == sorted(KEYS)
    assert "private_key_jwt" in document[f"{METADATA[endpoint]}_auth_methods_supported"]


@pytest.mark.requirement("JWA-14")
@pytest.mark.requirement("MET-06")
def test_rfc8414_s2_neither_none_nor_a_shared_secret_is_listed(tenant: Tenant) -> None:
    document = metadata(tenant)

    methods = {method for name in METADATA.values() for method in document[f"{name}_auth_methods_supported"]}
    assert "client_secret_jwt" not in methods
    assert not [value for value in json.dumps(document).split('"') if value in {"HS256", "HS384", "HS512"}]


@pytest.mark.requirement("MET-05")
def test_rfc7636_s6_2_s256_alone_is_listed(tenant: Tenant) -> None:
    assert metadata(tenant)["code_challenge_methods_supported"] == ["S256"]
