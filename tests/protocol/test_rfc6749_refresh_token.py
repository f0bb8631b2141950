"""RFC 6749 section 6, Refreshing an Access Token: what is refreshed, for whom, and with which scope."""

from collections.abc import Callable

import pytest

from rescind.domain import clock, secrets
from rescind.domain.registry import clients
from tests.protocol.raw_requests import request
from tests.servers import Client, Tenant, error_of

NOW = 1_800_000_000
both_graces = pytest.mark.parametrize(
    "grace",
    [pytest.param(0, marks=pytest.mark.settings(refresh_grace_seconds=0), id="strict"), 10],
    ids=lambda seconds: f"grace-{seconds}",
)
both_kinds = pytest.mark.parametrize("is_public", [False, True], ids=["confidential", "public"])


def revoked(client: Client) -> str:
    token = str(client.issue().refresh_token)
    client.revoke(token)
    return token


def of_a_revoked_access_token(client: Client) -> str:
    issued = client.issue()
    client.revoke(issued.access_token)
    return str(issued.refresh_token)


def expired(client: Client) -> str:
    clock.set(NOW)
    token = str(client.issue().refresh_token)
    clock.set(NOW + client.tenant.server.authority.settings.refresh_token_seconds)
    return token


def unknown(client: Client) -> str:
    return client.tenant.server.authority.keyring.new_refresh_token(secrets.new_id(), 0)


def malformed(client: Client) -> str:
    return "no such token: \N{SNOWMAN}"


def one_letter_short(client: Client) -> str:
    return str(client.issue().refresh_token)[:-1]


def an_access_token(client: Client) -> str:
    return client.issue().access_token


def of_another_tenant(client: Client) -> str:
    return str(client.tenant.server.new_tenant().new_client().issue().refresh_token)


@pytest.mark.requirement("REF-01")
@pytest.mark.requirement("REF-08")
@pytest.mark.requirement("REF-11")
@both_graces
@both_kinds
def test_s6_a_refresh_replaces_the_refresh_token(tenant: Tenant, is_public: bool, grace: int) -> None:
    client, observer = tenant.new_client(is_public=is_public), tenant.new_client(is_resource_server=True)
    old = client.issue()

    reply = client.refresh(str(old.refresh_token))

    new = reply.json()
    assert reply.status_code == 200
    assert new["token_type"] == "Bearer"
    assert new["expires_in"] == 600
    assert len({old.access_token, old.refresh_token, new["access_token"], new["refresh_token"]}) == 4
    assert observer.is_active(new["access_token"])
    assert client.refresh(new["refresh_token"]).status_code == 200


@pytest.mark.requirement("REF-01")
def test_s6_the_replaced_refresh_token_is_not_active(client: Client) -> None:
    old = str(client.issue().refresh_token)

    new = client.refresh(old).json()["refresh_token"]

    assert not client.is_active(old)
    assert client.is_active(new)


@pytest.mark.requirement("REF-01")
def test_s5_1_the_answer_may_not_be_kept(client: Client) -> None:
    reply = client.refresh(str(client.issue().refresh_token))

    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.requirement("REF-03")
@both_kinds
def test_s10_4_the_refresh_token_of_another_client(client: Client, tenant: Tenant, is_public: bool) -> None:
    mallory = tenant.new_client(is_public=is_public)
    token = str(client.issue().refresh_token)

    reply = mallory.refresh(token)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert client.refresh(token).status_code == 200


@pytest.mark.requirement("REF-03")
@both_graces
def test_s10_4_a_replaced_one_in_the_hands_of_another_client_ends_nothing(
    client: Client, mallory: Client, grace: int
) -> None:
    old = str(client.issue().refresh_token)
    new = client.refresh(old).json()

    reply = mallory.refresh(old)

    assert error_of(reply) == "invalid_grant"
    assert "access_token" not in reply.json()
    assert client.is_active(new["access_token"])
    assert client.is_active(new["refresh_token"])


@pytest.mark.requirement("REF-04")
def test_s6_a_narrower_scope_holds_for_this_access_token_alone(client: Client) -> None:
    first = client.issue("alice", ("read", "write"))

    narrow = client.refresh(str(first.refresh_token), scope="read").json()
    wide = client.refresh(narrow["refresh_token"]).json()

    assert (narrow["scope"], wide["scope"]) == ("read", "read write")
    assert client.introspect(narrow["access_token"]).json()["scope"] == "read"
    assert client.introspect(wide["access_token"]).json()["scope"] == "read write"


@pytest.mark.requirement("REF-04")
@pytest.mark.parametrize("scope", ["write", "profile offline_access", '"'], ids=["other", "others", "quote"])
def test_s6_a_scope_outside_the_grant_consumes_nothing(client: Client, scope: str) -> None:
    token = str(client.issue("alice", ("read",)).refresh_token)

    reply = client.refresh(token, scope=scope)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_scope"
    assert client.is_active(token)
    assert client.refresh(token).json()["scope"] == "read"


@pytest.mark.requirement("REF-04")
@pytest.mark.parametrize(
    "scope",
    ["read profile offline_access", "write read", " read", "read  profile "],
    ids=["what a library adds", "of the client and not of the grant", "space before", "spaces"],
)
def test_s6_what_is_asked_for_beyond_the_grant_is_dropped(client: Client, scope: str) -> None:
    token = str(client.issue("alice", ("read",)).refresh_token)

    reply = client.refresh(token, scope=scope)

    assert reply.status_code == 200
    assert reply.json()["scope"] == "read"
    assert client.introspect(reply.json()["access_token"]).json()["scope"] == "read"
    assert client.introspect(reply.json()["refresh_token"]).json()["scope"] == "read"


def narrow(client: Client, **options: object) -> None:
    """Change what the client may have, as an operator does."""
    clients.update(client.tenant.server.authority, client.tenant.record, client.client_id, **options)


@pytest.mark.parametrize("asked", ["", "read write"], ids=["nothing asked", "all asked"])
def test_s6_what_the_client_may_not_have_any_more_is_not_given_again(client: Client, asked: str) -> None:
    first = str(client.issue("alice", ("read", "write")).refresh_token)

    narrow(client, scope="read")
    narrowed = client.refresh(first, scope=asked).json()
    narrow(client, scope="read write")
    wide = client.refresh(narrowed["refresh_token"]).json()

    assert (narrowed["scope"], wide["scope"]) == ("read", "read write")
    assert client.introspect(narrowed["access_token"]).json()["scope"] == "read"


@pytest.mark.parametrize("scope", ["", "admin"], ids=["none", "others"])
def test_s6_a_client_that_may_have_nothing_of_it_any_more_keeps_its_token(client: Client, scope: str) -> None:
    token = str(client.issue("alice", ("read", "write")).refresh_token)

    narrow(client, scope=scope)
    refused = client.refresh(token)
    narrow(client, scope="read write")

    assert (refused.status_code, error_of(refused)) == (400, "invalid_grant")
    assert client.refresh(token).json()["scope"] == "read write"


def test_s6_a_client_that_may_not_refresh_any_more_gets_nothing(client: Client) -> None:
    token = str(client.issue("alice", ("read",)).refresh_token)
    first = client.refresh(token).json()

    narrow(client, grant_types=("authorization_code",))

    # A retry within the grace is no way round it either.
    for each in (first["refresh_token"], token):
        assert error_of(client.refresh(each)) == "unauthorized_client"


@pytest.mark.requirement("REF-05")
@pytest.mark.parametrize(
    "make",
    [
        revoked,
        of_a_revoked_access_token,
        expired,
        unknown,
        malformed,
        one_letter_short,
        an_access_token,
        of_another_tenant,
    ],
    ids=lambda make: make.__name__.replace("_", "-"),
)
def test_s5_2_what_is_no_refresh_token_of_this_client(client: Client, make: Callable[[Client], str]) -> None:
    token = make(client)

    reply = client.refresh(token)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert token not in reply.text


@pytest.mark.requirement("REF-05")
def test_s6_an_access_token_that_was_tried_stays_active(client: Client) -> None:
    token = client.issue().access_token

    client.refresh(token)

    assert client.is_active(token)


@pytest.mark.requirement("REF-05")
@pytest.mark.parametrize("body", ["", "&refresh_token="], ids=["missing", "empty"])
def test_s6_the_refresh_token_is_asked_for(client: Client, body: str) -> None:
    reply = request(client.tenant, "token", f"grant_type=refresh_token{body}", authorization=client.basic)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("REF-07")
@pytest.mark.parametrize("secret", [None, "wrong"], ids=["client-id-alone", "wrong-secret"])
def test_s6_a_confidential_client_has_to_authenticate(client: Client, secret: str | None) -> None:
    token = str(client.issue().refresh_token)
    thief = Client(client.tenant, client.client_id, secret)

    reply = thief.refresh(token)

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"
    assert client.is_active(token)
    assert client.refresh(token).status_code == 200


@pytest.mark.requirement("REF-07")
def test_s6_a_thief_without_the_secret_can_not_end_the_grant_by_reuse(client: Client) -> None:
    old = str(client.issue().refresh_token)
    new = client.refresh(old).json()["refresh_token"]
    client.refresh(new)

    reply = Client(client.tenant, client.client_id, None).refresh(old)

    assert reply.status_code == 401
    assert client.is_active(client.refresh(new).json()["access_token"])


def test_s1_5_a_rotation_does_not_prolong_the_grant(client: Client) -> None:
    clock.set(NOW)
    first = str(client.issue().refresh_token)
    clock.set(NOW + 2_592_000 - 100)

    second = client.refresh(first).json()
    clock.set(NOW + 2_592_000)

    assert second["expires_in"] == 100
    assert error_of(client.refresh(second["refresh_token"])) == "invalid_grant"
    assert not client.is_active(second["access_token"])
