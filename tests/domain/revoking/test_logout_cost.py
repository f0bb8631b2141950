"""What an end costs where there are very many clients, and to ask for what is due where very much was."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from rescind.domain import clock
from rescind.store import revocations
from rescind.store.deliveries import WAITING
from rescind.store.drafts import NewRevocation
from rescind.store.tables import clients, deliveries
from rescind.store.writes import Write
from tests import stores
from tests.domain.revoking.logouts import NOW, sign_in_to
from tests.servers import Client, Server, Tenant
from tests.store.apart import serving

CLIENTS = 50_000
FEW = 10
DELIVERIES = 20_000
ENDS: dict[str, Any] = {"session": revocations.END_SESSION, "subject": revocations.RAISE_SUBJECT}
NOBODY: dict[str, Any] = dict.fromkeys(("grant_id", "client_id", "reason", "request_id"))


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own."""
    with serving(own_url, tmp_path) as server:
        yield server
    clock.set(None)


@pytest.fixture
def crowd(tenant: Tenant) -> None:
    """Register very many clients that listen."""
    row = {
        "tenant_id": tenant.record.id,
        "is_public": True,
        **dict.fromkeys(("grant_types", "redirect_uris", "post_logout_redirect_uris", "scope"), ()),
        "allowed_origins": (),
        "backchannel_logout_uri": "https://app.example/out",
        "revocation_scope": "grant",
        "is_resource_server": False,
        "epoch": 0,
        "created_at": NOW,
    }
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        connection.execute(insert(clients), [row | {"client_id": f"crowd-{at}"} for at in range(CLIENTS)])


@pytest.mark.usefixtures("crowd")
def test_who_hears_is_found_without_a_look_at_all_the_others(tenant: Tenant, listener: Client) -> None:
    store = tenant.server.authority.store
    reads = {}

    for (end, writes), is_settled in itertools.product(ENDS.items(), (True, False)):
        whose = sign_in_to(listener) if end == "session" else "alice"
        event = NewRevocation(
            id=f"{end} {is_settled}",
            selector_kind=end,
            selector_value=whose,
            cause="test",
            actor="operator:test",
            subject=None,
            kept_seconds=1,
            **NOBODY,
        )
        values = {**revocations.values_of(whose, event), "tenant_id": tenant.record.id, "now": NOW}
        count = searches_of_clients if store.is_sqlite else rows_read_of_clients
        with store.opened(is_writing=True) as connection:
            reads[end, is_settled] = count(connection, writes[is_settled], values)

    # Whether a subject's few grants have ended their clients say, too.
    assert all(1 <= number < FEW for number in reads.values()), reads


@pytest.fixture
def told_before(tenant: Tenant) -> None:
    """Have very many messages that were sent, each of a tenant of its own."""
    row = {"client_id": "app", "subject": "alice", "attempts": 1, "next_at": 1, "done_at": 1, "purge_at": NOW}
    rows = [row | {"tenant_id": at, "event_id": f"event-{at}"} for at in range(1_000, 1_000 + DELIVERIES)]
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        connection.execute(insert(deliveries), rows)
        connection.exec_driver_sql("ANALYZE")


@pytest.mark.usefixtures("told_before")
def test_what_is_due_is_found_by_an_index_of_what_is_open_alone(tenant: Tenant) -> None:
    store = tenant.server.authority.store
    compiled = WAITING.on(store.engine.dialect.name)
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"

    with stores.transaction(store) as tx:
        rows = tx.send(f"{explain} {compiled.text}", compiled.arguments({"most": 1, "now": NOW})).fetchall()

    (scan,) = (row[-1] for row in rows if re.search(r"(Scan|SEARCH|SCAN) .*deliveries", row[-1]))
    assert "ix_deliveries_next_at_tenant_id_client_id" in scan


def searches_of_clients(connection: Connection, write: Write[Any], values: dict[str, Any]) -> int:
    """Count how often SQLite looks a client up by its whole key; to read all of them is no such look."""
    compiled = write.steps[-1].on("sqlite")
    driver: Any = connection.connection.driver_connection
    plan = driver.execute(f"EXPLAIN QUERY PLAN {compiled.text}", compiled.arguments(values))
    steps = [row[3] for row in plan]
    return sum("clients" in each and "(tenant_id=? AND client_id=?)" in each for each in steps)


def rows_read_of_clients(connection: Connection, write: Write[Any], values: dict[str, Any]) -> int:
    """Run a write on PostgreSQL, and count the rows of clients that it read."""
    from psycopg import RawCursor

    compiled = write.whole().on("postgresql")
    driver: Any = connection.connection.driver_connection
    plan = RawCursor(driver).execute(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.text}", compiled.arguments(values)
    )
    ((found,),) = plan.fetchall()
    document = json.loads(found) if isinstance(found, str) else found
    of_clients = [each for each in _nodes(document[0]["Plan"]) if each.get("Relation Name") == "clients"]
    return sum(
        int((each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"])
        for each in of_clients
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
