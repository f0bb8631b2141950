"""How refresh tokens are handled by client and by tenant: the grace that siblings share, and reuse."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rescind.domain import clock
from rescind.domain.registry import clients, tenants
from rescind.domain.registry.refresh_policies import BROUGHT_GRACE_SECONDS
from rescind.domain.tokens import active
from rescind.domain.tokens.refreshing import Asked, refresh
from rescind.errors import TokenRefused
from rescind.store import clients as client_rows
from rescind.store.engine import Store
from tests.cli.event_rows import event_rows
from tests.servers import Client, Tenant, error_of

NOW = 1_800_000_000
GRACE = BROUGHT_GRACE_SECONDS
short_lived = pytest.mark.settings(access_token_seconds=300)


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


def change(client: Client, **options: object) -> None:
    """Change a client, as an operator does."""
    clients.update(client.tenant.server.authority, client.tenant.record, client.client_id, **options)


def set_by_tenant(tenant: Tenant, **options: str | bool) -> None:
    """Set what holds for the clients of a tenant that are not set otherwise."""
    tenants.update(tenant.server.authority, tenant.record, options)


def of_the_client(client: Client) -> None:
    change(client, refresh_grace_seconds=GRACE)


def of_the_tenant(client: Client) -> None:
    set_by_tenant(client.tenant, refresh_grace_seconds=str(GRACE))


def brought_itself(client: Client) -> None:
    new = {"provenance": "registered"}
    client.tenant.server.authority.store.transact(
        lambda tx: client_rows.change(tx, client.tenant.record.id, client.client_id, new)
    )


def refreshed(client: Client, token: str) -> dict[str, Any]:
    reply = client.refresh(token)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def at_once(count: int, act: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Do the same from so many threads."""
    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(act) for _ in range(count)]]


@pytest.fixture
def shared(tenant: Tenant) -> Client:
    """Give a client whose processes share a refresh token."""
    return tenant.new_client(scope="read write", refresh_grace_seconds=GRACE)


@pytest.fixture
def refusing(tenant: Tenant) -> Client:
    """Give a client of which old refresh tokens are refused, and nothing ends by them."""
    return tenant.new_client(on_reuse="refuse")


@pytest.mark.requirement("REF-20")
@short_lived
@pytest.mark.parametrize(
    ("so_set", "is_settled"),
    [(of_the_client, True), (of_the_client, False), (of_the_tenant, True), (brought_itself, True)],
    ids=["client", "client-while-an-upgrade-is-not-finished", "tenant", "registered"],
)
def test_an_agents_parallel_sessions_all_stay_signed_in(
    client: Client, so_set: Callable[[Client], None], is_settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "is_settled", is_settled)
    so_set(client)
    clock.set(NOW - 300)
    first = str(client.issue().refresh_token)
    clock.set(NOW)

    five = [reply.json() for reply in at_once(5, lambda: client.refresh(first))]
    clock.set(NOW + 300)
    later = [refreshed(client, each["refresh_token"]) for each in five]
    clock.set(NOW + 465)
    sixth = refreshed(client, first)
    assert all(client.is_active(each["access_token"]) for each in [*later, sixth])
    clock.set(NOW + 765)
    last = [refreshed(client, each["refresh_token"]) for each in [*later, sixth]]

    assert len({each["refresh_token"] for each in [*five, *later, sixth]}) == 1
    assert len({each["refresh_token"] for each in last}) == 1
    assert all(client.is_active(each["access_token"]) for each in last)


@pytest.mark.requirement("REF-20")
def test_a_siblings_use_of_the_successor_does_not_end_the_grace(shared: Client) -> None:
    first = str(shared.issue().refresh_token)
    new = refreshed(shared, first)
    used = refreshed(shared, new["refresh_token"])

    again = refreshed(shared, first)

    assert again == new
    assert used["refresh_token"] == new["refresh_token"]
    assert used["access_token"] != new["access_token"]
    assert shared.is_active(used["access_token"])


@pytest.mark.requirement("REF-20")
def test_at_the_end_of_the_grace_the_token_is_replaced_and_the_one_before_ends_the_grant(
    shared: Client,
) -> None:
    first = str(shared.issue().refresh_token)
    second = refreshed(shared, first)["refresh_token"]
    clock.set(NOW + GRACE)
    third = refreshed(shared, second)
    assert third["refresh_token"] != second
    assert refreshed(shared, second) == third

    reply = shared.refresh(first)

    assert error_of(reply) == "invalid_grant"
    assert not shared.is_active(third["access_token"])
    assert error_of(shared.refresh(third["refresh_token"])) == "invalid_grant"


@pytest.mark.requirement("REF-20")
@pytest.mark.parametrize("which", ["first", "second"])
def test_no_grace_brings_back_a_grant_that_has_ended(shared: Client, which: str) -> None:
    first = str(shared.issue().refresh_token)
    second = refreshed(shared, first)["refresh_token"]
    shared.revoke(second)

    reply = shared.refresh({"first": first, "second": second}[which])

    assert error_of(reply) == "invalid_grant"
    assert "access_token" not in reply.json()


@pytest.mark.requirement("REF-20")
@short_lived
def test_where_the_access_token_is_of_no_use_any_more_there_is_a_new_one(shared: Client) -> None:
    first = str(shared.issue("alice", ("read", "write")).refresh_token)
    new = refreshed(shared, first)
    clock.set(NOW + 400)
    change(shared, scope="read")

    again = refreshed(shared, first)

    assert again["refresh_token"] == new["refresh_token"]
    assert again["access_token"] != new["access_token"]
    assert (again["expires_in"], again["scope"]) == (300, "read")
    assert shared.introspect(again["access_token"]).json()["scope"] == "read"


@pytest.mark.requirement("REF-20")
def test_one_who_came_in_time_is_not_late_where_a_sibling_replaces_the_token_meanwhile(
    shared: Client,
) -> None:
    authority, tenant = shared.tenant.server.authority, shared.tenant.record
    first = str(shared.issue().refresh_token)
    second = refreshed(shared, first)["refresh_token"]
    clock.set(NOW + GRACE - 1)
    in_time = active.look_up(authority, tenant.id, first)
    assert in_time is not None
    clock.set(NOW + GRACE)
    third = refreshed(shared, second)

    client = clients.get(authority, tenant, shared.client_id)
    given = None
    with contextlib.suppress(TokenRefused):
        given = refresh(authority, tenant, client, first, in_time, lambda: Asked(()))

    assert given is not None
    assert (given.access_token, given.refresh_token) == (third["access_token"], third["refresh_token"])


@pytest.mark.requirement("REF-20")
def test_a_reuse_that_is_refused_is_written_down_once_an_hour_and_ends_nothing(
    refusing: Client,
) -> None:
    issued = refusing.issue()
    new = refreshed(refusing, str(issued.refresh_token))
    clock.set(NOW + 60)

    replies = at_once(5, lambda: refusing.refresh(str(issued.refresh_token)))

    assert [error_of(reply) for reply in replies] == ["invalid_grant"] * 5
    assert refusing.is_active(new["access_token"])
    clock.set(NOW + 60 + 3599)
    refusing.refresh(str(issued.refresh_token))
    events = event_rows(refusing.tenant)
    assert len(events) == 1
    event = events[0]
    assert (event["cause"], event["at"]) == ("refresh-token-reuse-refused", NOW + 60)
    assert (event["grant_id"], event["subject"]) == (issued.grant_id, "alice")
    assert (event["client_id"], event["actor"]) == (refusing.client_id, f"client:{refusing.client_id}")
    clock.set(NOW + 60 + 3600)
    refusing.refresh(str(issued.refresh_token))
    assert len(event_rows(refusing.tenant)) == 2
    assert refreshed(refusing, new["refresh_token"])["refresh_token"] != new["refresh_token"]


@pytest.mark.requirement("REF-20")
def test_a_reuse_that_was_refused_is_no_way_back_once_the_grant_was_revoked(refusing: Client) -> None:
    first = str(refusing.issue().refresh_token)
    new = refreshed(refusing, first)
    clock.set(NOW + 60)
    assert error_of(refusing.refresh(first)) == "invalid_grant"

    refusing.revoke(first)

    assert not refusing.is_active(new["access_token"])
    assert error_of(refusing.refresh(new["refresh_token"])) == "invalid_grant"


@pytest.mark.requirement("REF-20")
def test_what_a_client_is_set_to_goes_before_its_tenant_and_that_before_the_server(tenant: Tenant) -> None:
    set_by_tenant(tenant, refresh_grace_seconds="0", on_reuse="refuse")
    ending = tenant.new_client(on_reuse="end")
    by_tenant = tenant.new_client()
    families = [(each, str(each.issue().refresh_token)) for each in (ending, by_tenant)]
    new = [refreshed(each, token)["access_token"] for each, token in families]

    replies = [each.refresh(token) for each, token in families]

    assert [error_of(reply) for reply in replies] == ["invalid_grant"] * 2
    assert [each.is_active(token) for (each, _), token in zip(families, new, strict=True)] == [False, True]
