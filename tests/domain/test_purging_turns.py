"""Who purges, one worker at a time, and what it costs: nothing for tenants of whose nothing is due."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from rescind.domain import clock, purging
from rescind.domain.tokens import assertions
from rescind.errors import AlreadyPurging, StoreUnavailable
from rescind.store import purging as statements
from rescind.store import tables
from tests.benchmarks.plans import counted
from tests.domain.purges import DAY_SECONDS, NOW, gone, purge_at, rows, write
from tests.servers import Client, Server, Tenant
from tests.store.apart import serving

on_postgresql = pytest.mark.parametrize("own_url", ["postgresql"], indirect=True)


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    with serving(own_url, tmp_path) as server:
        yield server


def write_due(tenant: Tenant, *, attempts: int = 1) -> None:
    """Write rows that can go."""
    made = ({"key": b"%d" % number, "attempts": 1, "window_ends_at": NOW} for number in range(attempts))
    write(tenant, tables.sign_in_attempts, *[each | {"purge_at": NOW} for each in made])


def may_purge(server: Server) -> bool:
    """Purge one batch, unless another worker is at it."""
    with closing(purging.purge(server.authority)) as begun:
        try:
            next(begun, None)
        except AlreadyPurging:
            return False
    return True


@pytest.mark.requirement("FAULTS-B10")
def test_while_one_purges_another_has_nothing_to_do(server: Server, tenant: Tenant) -> None:
    write_due(tenant, attempts=3)
    with closing(purging.purge(server.authority, batch_rows=1)) as first:
        next(first)
        assert not may_purge(server)
    # It was stopped, and so gave its right to purge up.

    assert may_purge(server)
    assert rows(tenant, "sign_in_attempts") == [0]


def test_who_was_killed_keeps_the_others_waiting_for_a_minute(server: Server, tenant: Tenant) -> None:
    write_due(tenant, attempts=3)
    killed = purging.purge(server.authority, batch_rows=1)
    next(killed)
    clock.set(NOW + purging.LEASE_SECONDS - 1)
    assert not may_purge(server)

    clock.set(NOW + purging.LEASE_SECONDS)

    assert may_purge(server)
    assert rows(tenant, "sign_in_attempts") == [0]
    killed.close()


def test_who_came_to_a_halt_does_not_go_on_beside_another(
    server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_due(tenant, attempts=5)
    halted = purging.purge(server.authority, batch_rows=1)
    next(halted)
    clock.set(NOW + purging.LEASE_SECONDS)
    monkeypatch.setattr(purging, "_RENEWED_AFTER_SECONDS", 0)
    other = purging.purge(server.authority, batch_rows=1)
    next(other)

    with pytest.raises(AlreadyPurging):
        next(halted)

    assert [batch.rows for batch in other] == [1, 1, 1]


@pytest.mark.requirement("FAULTS-B10")
def test_a_purge_and_traffic_at_once_do_each_other_no_harm(server: Server, client: Client) -> None:
    [client.issue(access_token_seconds=1) for _ in range(40)]
    clock.set(NOW + DAY_SECONDS)
    until = threading.Event()

    def purge() -> int:
        try:
            return sum(batch.rows for batch in purging.purge(server.authority, batch_rows=3))
        finally:
            until.set()

    def use() -> list[bool]:
        said = []
        while not until.is_set():
            issued = client.issue()
            newest = client.refresh(issued.refresh_token or "").json()
            said.append(client.is_active(newest["access_token"]))
            client.revoke(newest["access_token"])
            said.append(not client.is_active(newest["refresh_token"]))
        return said

    with ThreadPoolExecutor(3) as threads:
        users = [threads.submit(use) for _ in range(2)]
        purged = threads.submit(purge).result()

    assert purged == 40
    assert [set(user.result()) <= {True} for user in users] == [True, True]


@pytest.mark.requirement("FAULTS-B10")
@on_postgresql
def test_a_row_that_somebody_holds_is_left_for_the_next_time(
    server: Server, tenant: Tenant, own_url: str
) -> None:
    write_due(tenant, attempts=3)
    with psycopg.connect(own_url) as other:
        other.execute("SELECT * FROM rescind.sign_in_attempts LIMIT 1 FOR UPDATE")
        first = purge_at(server, NOW)

    second = purge_at(server, NOW)

    assert (gone(first), gone(second)) == ({"sign_in_attempts": 2}, {"sign_in_attempts": 1})


@pytest.mark.requirement("FAULTS-B10")
@on_postgresql
def test_a_table_that_takes_too_long_does_not_keep_the_others_from_their_turn(
    server: Server, tenant: Tenant, own_url: str
) -> None:
    write_due(tenant)
    alike = {"client_id": "any", "jti": "any", "expires_at": NOW, "purge_at": NOW}
    write(tenant, tables.used_assertions, alike)
    with psycopg.connect(own_url) as other:
        other.execute("LOCK rescind.used_assertions IN EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable):
            purge_at(server, NOW)

    assert rows(tenant, "sign_in_attempts", "used_assertions") == [0, 1]


@on_postgresql
def test_what_can_not_be_found_for_a_page_of_tenants_is_found_one_by_one(
    server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_due(tenant)

    def take_too_long(*_: object, **__: object) -> None:
        raise StoreUnavailable("It took too long.")

    monkeypatch.setattr(statements, "find_due", take_too_long)

    assert gone(purge_at(server, NOW)) == {"sign_in_attempts": 1}


@pytest.mark.requirement("FAULTS-B10")
def test_where_nothing_is_confirmed_any_more_not_every_tenant_is_tried(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        write_due(server.new_tenant())
    tried = []

    def fail(*_: object, **__: object) -> None:
        tried.append(1)
        raise StoreUnavailable("It did not confirm.")

    monkeypatch.setattr(statements, "delete_batch", fail)
    with pytest.raises(StoreUnavailable):
        purge_at(server, NOW)

    assert len(tried) == 2 * len(statements.STEPS)


@pytest.mark.parametrize("is_distributed", [False, True], ids=["at one place", "distributed"])
def test_tenants_are_taken_page_by_page(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_distributed: bool
) -> None:
    monkeypatch.setattr(purging, "PAGE_TENANTS", 3)
    tenants = [server.new_tenant() for _ in range(8)]
    for each in tenants[1::2]:
        write_due(each)

    batches = list(purging.purge(server.authority, is_distributed=is_distributed))

    assert {batch.tenant for batch in batches} == {each.name for each in tenants[1::2]}


@pytest.mark.requirement("FAULTS-B10")
def test_tenants_with_nothing_due_cost_no_statement_of_their_own(server: Server, tenant: Tenant) -> None:
    write_due(tenant)
    with counted() as alone:
        purge_at(server, NOW)
    for _ in range(60):
        server.new_tenant()
    write_due(tenant)
    with counted() as among_many:
        purge_at(server, NOW)

    assert among_many == alone


@on_postgresql
def test_in_a_distributed_store_every_statement_but_the_list_of_tenants_is_of_one(
    server: Server, tenant: Tenant
) -> None:
    write_due(tenant)

    with counted() as sent:
        list(purging.purge(server.authority, is_distributed=True))

    of_tenants = [each for each in sent if "rescind.tenants.id > " in each]
    assert len(of_tenants) == 1
    assert "purge_at" not in of_tenants[0]
    assert not [each for each in sent if "tenant_id = rescind.tenants.id" in each]


@pytest.mark.requirement("JWA-05")
def test_a_host_that_is_ahead_purges_no_assertion_that_another_still_accepts(
    server: Server, tenant: Tenant
) -> None:
    assertions.use(server.authority, tenant.record.id, "any", "once", expires_at=NOW + 60)
    purge_at(server, NOW + 60 + 26)
    clock.set(NOW + 59)

    assert not assertions.use(server.authority, tenant.record.id, "any", "once", expires_at=NOW + 60)


@pytest.mark.requirement("FAULTS-B10")
@on_postgresql
def test_the_clock_of_a_host_decides_nothing(
    server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set(None)
    wall = time.time
    at = {"key": b"any", "attempts": 1, "window_ends_at": 0}
    write(tenant, tables.sign_in_attempts, at | {"purge_at": int(wall()) + 3600})
    monkeypatch.setattr(time, "time", lambda: wall() + 10 * DAY_SECONDS)

    batches = list(islice(purging.purge(server.authority), 1))

    assert batches == []
