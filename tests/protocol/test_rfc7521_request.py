"""RFC 7521 section 4.2: the parameters around an assertion, and what may not come along with it."""

import pytest

from rescind.domain.registry import client_keys
from rescind.store import clients
from tests.protocol.assertions import KEYS, SIMPLEST, TYPE, Asserting, key_set
from tests.protocol.raw_requests import form, request
from tests.servers import Client, Tenant, error_of

ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)


@pytest.fixture
def asserting(tenant: Tenant) -> Asserting:
    return Asserting.register(tenant)


@pytest.fixture
def token(asserting: Asserting) -> str:
    return asserting.client.issue().access_token


@pytest.mark.requirement("JWA-10")
@pytest.mark.parametrize("other", ["nobody", "{own}x", "{mallory}"], ids=["unknown", "longer", "known"])
def test_s4_2_the_client_id_beside_it_is_the_same(
    asserting: Asserting, token: str, mallory: Client, resource_server: Client, other: str
) -> None:
    client_id = other.format(own=asserting.client.client_id, mallory=mallory.client_id)

    reply = asserting.revoke(token, asserting.assertion(), client_id=client_id)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-10")
def test_s4_2_the_client_id_beside_it_makes_no_other_client_of_it(
    asserting: Asserting, mallory: Client
) -> None:
    token = mallory.access_token()

    reply = asserting.revoke(token, asserting.assertion(), client_id=mallory.client_id)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert mallory.is_active(token)


@pytest.mark.requirement("JWA-11")
@pytest.mark.parametrize(
    "type_",
    [
        "",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        TYPE.upper(),
        f"{TYPE} ",
        "jwt-bearer",
    ],
    ids=["none", "SAML", "grant type", "capitals", "white space behind", "short"],
)
def test_s4_2_another_type_of_assertion(
    asserting: Asserting, token: str, resource_server: Client, type_: str
) -> None:
    reply = asserting.revoke(token, asserting.assertion(), client_assertion_type=type_)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-11")
def test_s4_2_a_type_without_an_assertion(asserting: Asserting, token: str, resource_server: Client) -> None:
    named = {"client_id": asserting.client.client_id, "client_assertion": ""}

    reply = asserting.post("revoke", token=token, **named)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("JWA-11")
def test_s4_2_a_type_does_not_make_room_for_a_public_client(
    public_client: Client, resource_server: Client
) -> None:
    token = public_client.issue().access_token

    reply = public_client.revoke(token, client_assertion_type=TYPE)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("AUT-08")
@ENDPOINTS
def test_rfc6749_s2_3_a_good_assertion_and_basic_are_two_methods(
    asserting: Asserting, client: Client, endpoint: str
) -> None:
    shown = form(("client_assertion_type", TYPE), ("client_assertion", asserting.assertion()))
    body = f"{shown}&{form(*SIMPLEST[endpoint].items())}"

    reply = request(client.tenant, endpoint, body, authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")


@pytest.mark.requirement("AUT-08")
@pytest.mark.requirement("JWA-17")
def test_rfc6749_s2_3_two_methods_revoke_nothing_and_spend_nothing(
    asserting: Asserting, token: str, resource_server: Client
) -> None:
    assertion = asserting.assertion()

    reply = asserting.revoke(token, assertion, client_secret="a secret")

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert resource_server.is_active(token)
    assert asserting.revoke(token, assertion).status_code == 200


@pytest.mark.requirement("AUT-11")
@pytest.mark.requirement("JWA-09")
@pytest.mark.parametrize("method", [None, "client_secret_basic", "client_secret_post"])
def test_rfc7591_s2_a_client_of_another_method_can_not_assert_with_the_keys_it_has(
    tenant: Tenant, resource_server: Client, method: str | None
) -> None:
    client = tenant.new_client(auth_method=method)
    # As versions before have registered some.
    keys = {"jwks": client_keys.read(key_set(KEYS["ES256"]))}
    tenant.server.authority.store.transact(
        lambda tx: clients.change(tx, tenant.record.id, client.client_id, keys)
    )
    asserting, token = Asserting(client, KEYS["ES256"], "ES256"), client.issue().access_token

    reply = asserting.revoke(token, asserting.assertion())

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("AUT-11")
@ENDPOINTS
@pytest.mark.parametrize("credentials", [{}, {"client_secret": "rcs_guess"}], ids=["name alone", "secret"])
def test_rfc7591_s2_a_client_of_this_method_can_not_do_without(
    asserting: Asserting, endpoint: str, credentials: dict[str, str]
) -> None:
    reply = asserting.client.send(endpoint, {**SIMPLEST[endpoint], **credentials})

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("REV-21")
@pytest.mark.parametrize("name", ["client_assertion", "client_assertion_type"])
def test_rfc6749_s2_3_1_an_assertion_in_the_query_authenticates_nobody(
    asserting: Asserting, token: str, resource_server: Client, name: str
) -> None:
    shown = {"client_assertion_type": TYPE, "client_assertion": asserting.assertion()}
    in_query = form((name, shown.pop(name)))

    reply = request(asserting.client.tenant, "revoke", form(*shown.items(), ("token", token)), query=in_query)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert resource_server.is_active(token)


@pytest.mark.requirement("ERR-04")
@pytest.mark.requirement("ERR-08")
def test_an_unknown_client_and_a_wrong_assertion_look_the_same(asserting: Asserting, tenant: Tenant) -> None:
    stranger = Asserting(Client(tenant, "nobody", None), KEYS["ES256"], "ES256")

    unknown = stranger.post("revoke", token="unknown")
    wrong = asserting.revoke("unknown", asserting.assertion(key=KEYS["ES256"].generate_key()))

    assert unknown.content == wrong.content
    assert unknown.headers["WWW-Authenticate"] == wrong.headers["WWW-Authenticate"]
    assert unknown.status_code == wrong.status_code == 401
