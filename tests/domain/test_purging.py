"""Purging: what can no longer matter goes, and nothing else, in batches, beside traffic."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.store import assertions
from rescind.store.tables import Base
from tests.servers import Client, Server, Tenant, error_of
from tests.store.apart import serving

NOW = 1_800_000_000
ACCESS_SECONDS = 600
GRANT_SECONDS = 86_400
# Nothing goes before a retry within the grace time could still ask for it.
GRACE_SECONDS = 10
DAY_SECONDS = 86_400


@pytest.fixture
def server(request: pytest.FixtureRequest, own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    marks = request.node.iter_markers("settings")
    clock.set(NOW)
    options = {
        "access_token_seconds": ACCESS_SECONDS,
        "refresh_token_seconds": GRANT_SECONDS,
        "refresh_grace_seconds": GRACE_SECONDS,
        "audit_days": 30,
    }
    for mark in marks:
        options |= mark.kwargs
    with serving(own_url, tmp_path, **options) as server:
        yield server


def rows(tenant: Tenant, *names: str) -> list[int]:
    """Count the rows of the tenant in some tables."""
    found = [Base.metadata.tables[f"rescind.{name}"] for name in names]
    with tenant.server.authority.store.reading() as tx:
        counting = [
            select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
            for table in found
        ]
        return [tx.execute(each).scalar_one() for each in counting]


def purge_at(server: Server, at: int, *, batch_rows: int = 1000) -> list[purging.Purged]:
    """Purge at a time."""
    clock.set(at)
    return list(purging.purge(server.authority, batch_rows=batch_rows))


def gone(batches: list[purging.Purged]) -> dict[str, int]:
    """Sum up by table what went."""
    return {
        table: sum(batch.rows for batch in batches if batch.table == table)
        for table in {batch.table for batch in batches}
    }


@pytest.mark.requirement("FAULTS-B10")
@pytest.mark.parametrize(
    ("after_seconds", "expected"),
    [
        (ACCESS_SECONDS - 1, {}),
        (ACCESS_SECONDS + GRACE_SECONDS - 1, {}),
        (ACCESS_SECONDS + GRACE_SECONDS, {"tokens": 1}),
        (GRANT_SECONDS - 1, {"tokens": 1}),
        (GRANT_SECONDS + GRACE_SECONDS, {"tokens": 2, "grants": 1}),
    ],
    ids=["all in use", "access token expired", "a retry later", "grant in use", "grant expired"],
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


@pytest.mark.settings(access_token_seconds=1)
def test_a_retry_within_the_grace_time_finds_its_successors(server: Server, client: Client) -> None:
    issued = client.issue()
    first = client.refresh(issued.refresh_token or "").json()
    purge_at(server, NOW + GRACE_SECONDS - 1)

    again = client.refresh(issued.refresh_token or "")

    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    assert client.is_active(first["refresh_token"])


def test_a_session_stays_as_long_as_grants_name_it(server: Server, tenant: Tenant, client: Client) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=60)
    tenant.new_session("bob", lifetime_seconds=60)
    client.issue(session_sid=sid)

    early, late = purge_at(server, NOW + 3600), purge_at(server, NOW + GRANT_SECONDS + GRACE_SECONDS)

    assert gone(early) == {"tokens": 1, "sessions": 1}
    assert gone(late) == {"tokens": 1, "grants": 1, "sessions": 1}


@pytest.mark.requirement("LOG-04")
def test_a_record_of_a_revocation_stays_for_the_days_that_are_set(
    server: Server, tenant: Tenant, client: Client
) -> None:
    client.revoke(client.issue().access_token)

    early, late = purge_at(server, NOW + 30 * DAY_SECONDS - 1), purge_at(server, NOW + 30 * DAY_SECONDS)

    assert gone(early) == {"tokens": 2, "grants": 1}
    assert gone(late) == {"revocations": 1}
    assert rows(tenant, "clients") == [1]


def test_an_assertion_goes_by_itself_though_another_client_used_the_same_id(
    server: Server, tenant: Tenant
) -> None:
    with server.authority.store.writing() as tx:
        assertions.use(tx, tenant.record.id, "mallory", "the-same", expires_at=NOW + 1)
        assertions.use(tx, tenant.record.id, "victim", "the-same", expires_at=NOW + 3600)

    purge_at(server, NOW + 60)

    assert rows(tenant, "used_assertions") == [1]
    with server.authority.store.writing() as tx:
        assert not assertions.use(tx, tenant.record.id, "victim", "the-same", expires_at=NOW + 3600)


@pytest.mark.requirement("FAULTS-B10")
def test_a_batch_is_bounded_and_the_rest_follows(server: Server, tenant: Tenant, client: Client) -> None:
    [client.issue(is_refreshable=False) for _ in range(25)]

    batches = purge_at(server, NOW + DAY_SECONDS, batch_rows=10)

    assert [(batch.table, batch.rows) for batch in batches] == [
        *[("tokens", 10), ("tokens", 10), ("tokens", 5)],
        *[("grants", 10), ("grants", 10), ("grants", 5)],
    ]
    assert rows(tenant, "tokens", "grants") == [0, 0]


def test_what_is_due_is_counted_over_all_tenants(server: Server, client: Client) -> None:
    client.issue()
    server.new_tenant().new_client().issue()
    clock.set(NOW + DAY_SECONDS - 1)

    due = purging.due(server.authority)

    assert due == 2
    assert sum(batch.rows for batch in purging.purge(server.authority)) == 2


@pytest.mark.requirement("FAULTS-B10")
def test_two_purges_and_traffic_at_once_do_each_other_no_harm(server: Server, client: Client) -> None:
    [client.issue(access_token_seconds=1) for _ in range(40)]
    clock.set(NOW + 60)
    until = threading.Event()

    def purge() -> int:
        return sum(batch.rows for batch in purging.purge(server.authority, batch_rows=3))

    def use() -> list[bool]:
        said = []
        while not until.is_set():
            issued = client.issue()
            newest = client.refresh(issued.refresh_token or "").json()
            said.append(client.is_active(newest["access_token"]))
            client.revoke(newest["access_token"])
            said.append(not client.is_active(newest["refresh_token"]))
        return said

    with ThreadPoolExecutor(4) as threads:
        users = [threads.submit(use) for _ in range(2)]
        purged = [future.result() for future in [threads.submit(purge), threads.submit(purge)]]
        until.set()

    assert sum(purged) == 40
    assert [set(user.result()) <= {True} for user in users] == [True, True]


@pytest.mark.requirement("FAULTS-B10")
@pytest.mark.parametrize("own_url", ["postgresql"], indirect=True)
def test_a_row_that_somebody_holds_is_left_for_the_next_time(
    server: Server, client: Client, own_url: str
) -> None:
    [client.issue(is_refreshable=False) for _ in range(3)]
    with psycopg.connect(own_url) as other:
        other.execute("SELECT * FROM rescind.tokens LIMIT 1 FOR UPDATE")
        first = purge_at(server, NOW + DAY_SECONDS)

    second = purge_at(server, NOW + DAY_SECONDS)

    assert gone(first) == {"tokens": 2, "grants": 2}
    assert gone(second) == {"tokens": 1, "grants": 1}
