"""A refresh token that is kept: of clients that authenticate with keys, by which nobody else can use it."""

from collections.abc import Iterator
from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.people.connected import list_connected
from rescind.domain.registry import clients, tenants
from rescind.errors import BadValue
from rescind.store.engine import Store
from tests.protocol.assertions import Asserting
from tests.servers import Tenant, error_of

NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


@pytest.fixture
def keeping(tenant: Tenant) -> Asserting:
    """Give a client whose refresh token stays what it is."""
    return Asserting.register(tenant, is_rotating=False, scope="read write")


def rotation(client: Asserting, is_rotating: bool | str) -> None:
    """Change whether it is replaced, as an operator does."""
    its = client.client
    clients.update(its.tenant.server.authority, its.tenant.record, its.client_id, is_rotating=is_rotating)


def refreshed(client: Asserting, token: str, **form: str) -> dict[str, Any]:
    reply = client.post("token", grant_type="refresh_token", refresh_token=token, **form)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


@pytest.mark.requirement("REF-20")
def test_each_use_gives_a_new_access_token_and_the_same_refresh_token(
    tenant: Tenant, keeping: Asserting
) -> None:
    observer = tenant.new_client(is_resource_server=True)
    token = str(keeping.client.issue("alice", ("read", "write")).refresh_token)

    given = [refreshed(keeping, token), refreshed(keeping, token, scope="read")]
    clock.set(NOW + 599)
    given.append(refreshed(keeping, token))

    assert {each["refresh_token"] for each in given} == {token}
    assert len({each["access_token"] for each in given}) == 3
    assert [observer.introspect(each["access_token"]).json()["scope"] for each in given] == [
        "read write",
        "read",
        "read write",
    ]
    (client,) = list_connected(tenant.server.authority, tenant.record, "alice")
    assert (client.given_at, client.token_issued_at) == (NOW, NOW + 599)


@pytest.mark.requirement("REF-20")
def test_a_token_that_has_a_row_yet_is_kept_too(
    tenant: Tenant, keeping: Asserting, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = tenant.new_client(is_resource_server=True)
    monkeypatch.setattr(Store, "is_settled", False)
    token = str(keeping.client.issue().refresh_token)

    given = [refreshed(keeping, token), refreshed(keeping, token)]

    assert {each["refresh_token"] for each in given} == {token}
    assert all(observer.is_active(each["access_token"]) for each in given)
    keeping.revoke(token, keeping.assertion())
    assert error_of(keeping.post("token", grant_type="refresh_token", refresh_token=token)) == "invalid_grant"
    assert not any(observer.is_active(each["access_token"]) for each in given)


@pytest.mark.requirement("REF-20")
def test_a_kept_token_gives_nothing_once_its_grant_has_ended(tenant: Tenant, keeping: Asserting) -> None:
    observer = tenant.new_client(is_resource_server=True)
    token = str(keeping.client.issue().refresh_token)
    given = refreshed(keeping, token)

    keeping.revoke(given["access_token"], keeping.assertion())

    assert error_of(keeping.post("token", grant_type="refresh_token", refresh_token=token)) == "invalid_grant"
    assert not observer.is_active(given["access_token"])


@pytest.mark.requirement("REF-20")
def test_a_kept_token_expires_with_its_grant(keeping: Asserting) -> None:
    token = str(keeping.client.issue().refresh_token)
    seconds = keeping.client.tenant.server.authority.settings.refresh_token_seconds
    clock.set(NOW + seconds - 5)
    assert refreshed(keeping, token)["expires_in"] == 5
    clock.set(NOW + seconds)

    reply = keeping.post("token", grant_type="refresh_token", refresh_token=token)

    assert error_of(reply) == "invalid_grant"


@pytest.mark.requirement("REF-20")
def test_what_was_replaced_while_it_was_on_stays_so_when_it_is_off_again(keeping: Asserting) -> None:
    first = str(keeping.client.issue().refresh_token)
    assert refreshed(keeping, first)["refresh_token"] == first
    rotation(keeping, True)
    second = refreshed(keeping, first)["refresh_token"]
    assert second != first
    rotation(keeping, False)
    assert refreshed(keeping, second)["refresh_token"] == second
    # Its direct predecessor has its grace, and not a second more.
    assert refreshed(keeping, first)["refresh_token"] == second
    clock.set(NOW + 10)

    reply = keeping.post("token", grant_type="refresh_token", refresh_token=first)

    assert error_of(reply) == "invalid_grant"
    assert (
        error_of(keeping.post("token", grant_type="refresh_token", refresh_token=second)) == "invalid_grant"
    )


@pytest.mark.requirement("REF-20")
def test_what_a_tenant_sets_is_for_its_clients_with_keys_alone(tenant: Tenant) -> None:
    tenants.update(tenant.server.authority, tenant.record, {"is_rotating": False})
    with_key, turning = Asserting.register(tenant), Asserting.register(tenant, is_rotating="on")
    with_secret = tenant.new_client()
    tokens = [str(each.issue().refresh_token) for each in (with_key.client, turning.client, with_secret)]

    answers = [refreshed(with_key, tokens[0]), refreshed(turning, tokens[1])]
    answers.append(with_secret.refresh(tokens[2]).json())

    assert [new["refresh_token"] == old for new, old in zip(answers, tokens, strict=True)] == [
        True,
        False,
        False,
    ]


def test_a_client_without_a_key_can_not_keep_its_token(tenant: Tenant, keeping: Asserting) -> None:
    with pytest.raises(BadValue, match="Only a client that authenticates with keys"):
        tenant.new_client(is_rotating="off")
    with pytest.raises(BadValue, match="Only a client that authenticates with keys"):
        its = keeping.client
        clients.update(its.tenant.server.authority, tenant.record, its.client_id, auth_method="any")
