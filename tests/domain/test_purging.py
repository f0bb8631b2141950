"""Purging: what can no longer matter goes, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain import clock, purging
from rescind.domain.registry import tenants
from rescind.store import tables
from rescind.store.granting import KEPT_SECONDS
from tests.domain.purges import DAY_SECONDS, NOW, event_ids, gone, purge_at, rows, write
from tests.servers import Client, Server, Tenant, error_of
from tests.store.apart import serving

ACCESS_SECONDS = 600
GRANT_SECONDS = 86_400


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    options = {"access_token_seconds": ACCESS_SECONDS, "refresh_token_seconds": GRANT_SECONDS}
    with serving(own_url, tmp_path, audit_days=30, **options) as server:
        yield server


@pytest.mark.requirement("FAULTS-B10")
@pytest.mark.parametrize(
    ("after_seconds", "expected"),
    [
        (ACCESS_SECONDS + KEPT_SECONDS - 1, {}),
        (ACCESS_SECONDS + KEPT_SECONDS, {"tokens": 1}),
        (GRANT_SECONDS + KEPT_SECONDS - 1, {"tokens": 1}),
        (GRANT_SECONDS + KEPT_SECONDS, {"tokens": 1, "grants": 1, "session_clients": 1}),
    ],
    ids=["lately in use", "access token expired", "grant lately in use", "grant expired"],
)
def test_a_row_goes_at_its_own_time(
    server: Server, client: Client, after_seconds: int, expected: dict[str, int]
) -> None:
    client.issue()

    batches = purge_at(server, NOW + after_seconds)

    assert gone(batches) == expected


@pytest.mark.requirement("STO-06")
def test_what_is_in_use_is_active_after_a_purge(server: Server, client: Client) -> None:
    issued = client.issue()
    refreshed = client.refresh(issued.refresh_token or "").json()

    purge_at(server, NOW + ACCESS_SECONDS - 1)

    assert client.is_active(refreshed["access_token"])
    assert client.is_active(refreshed["refresh_token"])


@pytest.mark.requirement("STO-06")
@pytest.mark.requirement("FAULTS-B11")
def test_reuse_is_seen_until_the_grant_expires(server: Server, client: Client) -> None:
    stolen = client.issue().refresh_token or ""
    newest = client.refresh(stolen).json()["refresh_token"]
    purge_at(server, NOW + GRANT_SECONDS - 1)
    assert client.is_active(newest)

    reply = client.refresh(stolen)

    assert error_of(reply) == "invalid_grant"
    assert not client.is_active(newest)


@pytest.mark.requirement("FAULTS-B11")
def test_a_code_that_comes_back_is_seen_until_its_grant_expires(server: Server, client: Client) -> None:
    code = client.mint_code()
    refresh_token = client.exchange(code).json()["refresh_token"]
    purge_at(server, NOW + GRANT_SECONDS - 1)
    assert client.is_active(refresh_token)

    reply = client.exchange(code)

    assert error_of(reply) == "invalid_grant"
    assert not client.is_active(refresh_token)


def test_a_session_goes_by_its_own_time_and_ends_for_grants_that_name_it(
    server: Server, tenant: Tenant, client: Client
) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=60)
    issued = client.issue(session_sid=sid)

    early, late = purge_at(server, NOW + 60 + KEPT_SECONDS - 1), purge_at(server, NOW + 60 + KEPT_SECONDS)

    assert (gone(early), gone(late)) == ({}, {"sessions": 1})
    assert not client.is_active(issued.refresh_token or "")


@pytest.mark.requirement("LOG-04")
def test_a_record_of_a_revocation_stays_for_the_days_that_are_set(
    server: Server, tenant: Tenant, client: Client
) -> None:
    client.revoke(client.issue().access_token)

    early, late = purge_at(server, NOW + 30 * DAY_SECONDS - 1), purge_at(server, NOW + 30 * DAY_SECONDS)

    assert gone(early) == {"tokens": 1, "grants": 1, "session_clients": 1}
    assert gone(late) == {"revocations": 1}
    assert rows(tenant, "clients") == [1]


def test_an_assertion_goes_by_itself_though_another_client_used_the_same_id(
    server: Server, tenant: Tenant
) -> None:
    common = {"jti": "the same", "expires_at": NOW}
    due, kept = {"client_id": "mallory", "purge_at": NOW}, {"client_id": "victim", "purge_at": NOW + 1}
    write(tenant, tables.used_assertions, common | due, common | kept)

    purge_at(server, NOW)

    assert rows(tenant, "used_assertions") == [1]
    purge_at(server, NOW + 1)
    assert rows(tenant, "used_assertions") == [0]


def test_who_is_to_hear_of_one_session_is_kept_though_another_of_its_clients_is_not(
    server: Server, tenant: Tenant
) -> None:
    alike = {"session_sid": "the same", "client_id": "the same"}
    due, kept = {"subject": "alice", "purge_at": NOW}, {"subject": "bob", "purge_at": NOW + 1}
    write(tenant, tables.session_clients, alike | due, alike | kept)

    purge_at(server, NOW)

    assert rows(tenant, "session_clients") == [1]


def test_of_one_event_a_delivery_goes_and_another_that_is_open_stays_with_the_record(
    server: Server, tenant: Tenant, client: Client
) -> None:
    client.revoke(client.issue().access_token)
    (event_id,) = event_ids(tenant)
    alike = {"event_id": event_id, "subject": "alice", "attempts": 1, "next_at": NOW}
    done = {"client_id": "told", "done_at": NOW, "purge_at": NOW}
    write(tenant, tables.deliveries, alike | done)
    write(tenant, tables.deliveries, alike | {"client_id": "silent"})

    purge_at(server, NOW + 1000 * DAY_SECONDS)

    assert rows(tenant, "deliveries", "revocations") == [1, 1]


@pytest.mark.requirement("FAULTS-B10")
def test_records_that_have_to_stay_are_stepped_over(server: Server, tenant: Tenant, client: Client) -> None:
    [client.revoke(client.issue().access_token) for _ in range(8)]
    open_ = {"client_id": "silent", "subject": "alice", "attempts": 1, "next_at": NOW}
    write(tenant, tables.deliveries, *[open_ | {"event_id": each} for each in event_ids(tenant)])
    clock.set(NOW + 1)
    [client.revoke(client.issue().access_token) for _ in range(8)]

    batches = purge_at(server, NOW + 31 * DAY_SECONDS, batch_rows=4)

    assert gone(batches)["revocations"] == 8
    assert rows(tenant, "revocations", "deliveries") == [8, 8]


@pytest.mark.requirement("FAULTS-B10")
def test_a_batch_is_bounded_and_the_rest_follows(server: Server, tenant: Tenant, client: Client) -> None:
    [client.issue(None, is_refreshable=False) for _ in range(25)]

    batches = purge_at(server, NOW + DAY_SECONDS, batch_rows=10)

    assert [(batch.table, batch.rows) for batch in batches] == [
        *[("tokens", 10), ("tokens", 10), ("tokens", 5)],
        *[("grants", 10), ("grants", 10), ("grants", 5)],
    ]
    assert rows(tenant, "tokens", "grants") == [0, 0]


def test_what_is_due_is_counted_over_all_tenants_up_to_a_bound(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.issue()
    server.new_tenant().new_client().issue()
    clock.set(NOW + DAY_SECONDS - 1)

    whole = purging.count_due(server.authority)
    monkeypatch.setattr(purging, "MOST_COUNTED", 1)

    assert whole == (2, True)
    assert purging.count_due(server.authority) == (1, False)
    assert sum(batch.rows for batch in purging.purge(server.authority)) == 2


def test_a_disabled_tenant_is_purged_too(server: Server, tenant: Tenant, client: Client) -> None:
    client.issue()
    tenants.disable(server.authority, tenant.name, actor="operator:test")

    purge_at(server, NOW + GRANT_SECONDS + KEPT_SECONDS)

    assert rows(tenant, "tokens", "grants") == [0, 0]
