"""RFC 7523 section 2.2, private_key_jwt: the assertions by which a client is authenticated."""

from typing import Any

import pytest

from rescind.domain import clock
from tests.protocol.assertions import KEYS, SIMPLEST, Asserting
from tests.servers import CALLBACK, VERIFIER, Client, Tenant

NOW = 1_800_000_000
ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)
METADATA = {
    "token": "token_endpoint",
    "revoke": "revocation_endpoint",
    "introspect": "introspection_endpoint",
}


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    return Asserting.register(tenant, scope="read write")


def metadata(tenant: Tenant) -> dict[str, Any]:
    with tenant.server.http() as http:
        reply = http.get(f"/.well-known/oauth-authorization-server{tenant.path}/token")
    document: dict[str, Any] = reply.json()
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
    shown = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    redeemed = asserting.post("token", grant_type="authorization_code", **shown).json()

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
def test_s3_times_within_the_bounds_are_taken(asserting: Asserting, changes: dict[str, Any]) -> None:
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


@pytest.mark.requirement("JWA-16")
@pytest.mark.requirement("MET-06")
@ENDPOINTS
def test_rfc8414_s2_the_algorithms_that_work_are_listed(tenant: Tenant, endpoint: str) -> None:
    document = metadata(tenant)

    listed = document[f"{METADATA[endpoint]}_auth_signing_alg_values_supported"]
    assert sorted(listed) == sorted(KEYS)
    assert "private_key_jwt" in document[f"{METADATA[endpoint]}_auth_methods_supported"]


@pytest.mark.requirement("JWA-14")
@ENDPOINTS
def test_rfc8414_s2_client_secret_jwt_is_not_listed(tenant: Tenant, endpoint: str) -> None:
    document = metadata(tenant)

    assert "client_secret_jwt" not in document[f"{METADATA[endpoint]}_auth_methods_supported"]


@pytest.mark.requirement("MET-05")
def test_rfc7636_s6_2_s256_alone_is_listed(tenant: Tenant) -> None:
    assert metadata(tenant)["code_challenge_methods_supported"] == ["S256"]
