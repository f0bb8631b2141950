"""RFC 7523 section 3 (7): an assertion is good for one request, and is spent before anything else is done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rescind.domain import clock
from tests.protocol.assertions import KEYS, SIMPLEST, Asserting
from tests.protocol.faults import failing
from tests.servers import Client, Server, Tenant, error_of

NOW = 1_800_000_000
ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    clock.set(NOW)
    return Asserting.register(tenant)


@pytest.mark.requirement("JWA-07")
@ENDPOINTS
@pytest.mark.parametrize("first", SIMPLEST, ids=lambda endpoint: f"after-{endpoint}")
def test_s3_an_assertion_is_refused_the_second_time_at_any_endpoint(
    asserting: Asserting, first: str, endpoint: str
) -> None:
    assertion = asserting.assertion()
    assert asserting.post(first, assertion, **SIMPLEST[first]).status_code == 200

    reply = asserting.post(endpoint, assertion, **SIMPLEST[endpoint])

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("JWA-07")
def test_s3_a_used_assertion_revokes_nothing(asserting: Asserting, resource_server: Client) -> None:
    token, assertion = asserting.client.issue().access_token, asserting.assertion()
    asserting.revoke("unknown", assertion)

    reply = asserting.revoke(token, assertion)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-07")
def test_s3_another_assertion_with_the_same_jti_is_refused(
    asserting: Asserting, resource_server: Client
) -> None:
    token = asserting.client.issue().access_token
    asserting.revoke("unknown", asserting.assertion(jti="the same", exp=NOW + 300))

    reply = asserting.revoke(token, asserting.assertion(jti="the same", exp=NOW + 301))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-07")
@pytest.mark.parametrize("later", [0, 300, 359], ids=["at once", "at its end", "within the skew"])
def test_s3_a_used_assertion_is_remembered_as_long_as_it_could_be_taken(
    asserting: Asserting, resource_server: Client, later: int
) -> None:
    token, assertion = asserting.client.issue().access_token, asserting.assertion()
    asserting.revoke("unknown", assertion)
    clock.set(NOW + later)

    reply = asserting.revoke(token, assertion)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-07")
@pytest.mark.parametrize("jti", ["one", "ONE", "one ", "óne", "j" * 255])
def test_s3_other_ids_are_other_assertions(asserting: Asserting, jti: str) -> None:
    asserting.revoke("unknown", asserting.assertion(jti="One"))

    reply = asserting.revoke("unknown", asserting.assertion(jti=jti))

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-07")
def test_s3_two_clients_may_use_the_same_jti(asserting: Asserting, tenant: Tenant) -> None:
    other = Asserting.register(tenant)
    asserting.revoke("unknown", asserting.assertion(jti="the same"))

    reply = other.revoke("unknown", other.assertion(jti="the same"))

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-07")
def test_s3_the_same_client_id_in_another_tenant_may_use_the_same_jti(
    asserting: Asserting, other_tenant: Tenant
) -> None:
    namesake = Asserting.register(other_tenant, client_id=asserting.client.client_id)
    asserting.revoke("unknown", asserting.assertion(jti="the same"))

    reply = namesake.revoke("unknown", namesake.assertion(jti="the same"))

    assert reply.status_code == 200


@pytest.mark.requirement("JWA-07")
def test_s3_of_eight_requests_at_once_one_is_taken(asserting: Asserting) -> None:
    assertion = asserting.assertion()

    def send(endpoint: str) -> httpx.Response:
        return asserting.post(endpoint, assertion, **SIMPLEST[endpoint])

    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(send, ["revoke", "introspect", "token", "revoke"] * 2))

    assert sorted(reply.status_code for reply in replies) == [200] + [401] * 7


def by_another_key(asserting: Asserting) -> str:
    return asserting.assertion(jti="the same", key=KEYS["ES256"].generate_key())


def for_another_audience(asserting: Asserting) -> str:
    return asserting.assertion(jti="the same", aud="https://elsewhere.example")


def past(asserting: Asserting) -> str:
    return asserting.assertion(jti="the same", exp=NOW - 86_400)


def of_another_type(asserting: Asserting) -> str:
    return asserting.assertion(jti="the same", header={"typ": "at+jwt"})


@pytest.mark.requirement("JWA-17")
@pytest.mark.parametrize("refused", [by_another_key, for_another_audience, past, of_another_type])
def test_s3_a_refused_assertion_does_not_spend_the_jti(
    asserting: Asserting, resource_server: Client, refused: Callable[[Asserting], str]
) -> None:
    token = asserting.client.issue().access_token
    assert asserting.revoke(token, refused(asserting)).status_code == 401

    reply = asserting.revoke(token, asserting.assertion(jti="the same"))

    assert reply.status_code == 200
    assert not resource_server.is_active(token)


@pytest.mark.requirement("JWA-17")
@pytest.mark.parametrize(
    "form",
    [{}, {"grant_type": "password"}, {"grant_type": "refresh_token", "refresh_token": "unknown"}],
    ids=["no parameter", "unknown grant type", "unknown refresh token"],
)
def test_s3_a_request_that_fails_later_has_spent_it(asserting: Asserting, form: dict[str, str]) -> None:
    assertion = asserting.assertion()
    assert asserting.post("token", assertion, **form).status_code == 400

    reply = asserting.post("token", assertion, grant_type="client_credentials")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("JWA-17")
def test_s3_it_is_spent_before_the_revocation_is_tried(
    server: Server, asserting: Asserting, resource_server: Client
) -> None:
    token, assertion = asserting.client.issue().access_token, asserting.assertion()
    with failing(server, "UPDATE"):
        assert asserting.revoke(token, assertion).status_code == 503

    reply = asserting.revoke(token, assertion)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-07")
@pytest.mark.parametrize("statement", ["BEGIN", "INSERT", "COMMIT"])
def test_s3_what_can_not_be_spent_is_not_taken(server: Server, asserting: Asserting, statement: str) -> None:
    token, assertion = asserting.client.issue().access_token, asserting.assertion()

    with failing(server, statement):
        reply = asserting.post("introspect", assertion, token=token)

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert asserting.post("introspect", assertion, token=token).json()["active"] is True
