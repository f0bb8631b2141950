"""An origin finds its client by an index, whoever asks and however many clients there are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete, select, text

from rescind.domain import upgrading
from rescind.domain.registry import clients
from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import client_origins
from tests import stores
from tests.hot_requests import sent
from tests.servers import Client, Server, Tenant
from tests.store.apart import serving
from tests.store.test_plans import explained, looks_at_tables

ORIGIN = "https://app.example"
ROWS = 20_000


def may_read(client: Client, origin: str) -> bool:
    """Tell whether a page of an origin may read what the tenant's server answers."""
    reply = client.post("revoke", token="unknown", headers={"Origin": origin})
    assert reply.status_code == 200
    return bool(reply.headers.get("Access-Control-Allow-Origin") == origin)


@pytest.fixture
def apart(own_url: str, tmp_path: Path) -> Iterator[Tenant]:
    """Give a tenant on a store of its own."""
    with serving(own_url, tmp_path) as server:
        yield server.new_tenant()


@pytest.fixture
def crowded(postgresql: stores.PostgresServer, tmp_path: Path) -> Iterator[Client]:
    """Give a client of a tenant that has very many."""
    with serving(stores.new_migrated_database(postgresql), tmp_path) as server:
        client = server.new_tenant().new_client(allowed_origins=[ORIGIN])
        fill(server)
        yield client


def fill(server: Server) -> None:
    """Give the tenant many more clients with an origin each."""
    uri = stores.as_text(server.authority.store.url.set(drivername="postgresql"))
    with psycopg.connect(uri, autocommit=True) as connection:
        names = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'rescind'"
            " AND table_name = 'clients' AND column_name NOT IN ('client_id', 'allowed_origins')"
        ).fetchall()
        others = ", ".join(f'"{name}"' for (name,) in names)
        connection.execute(
            f"INSERT INTO rescind.clients (client_id, allowed_origins, {others})"
            f" SELECT 'c' || number, 'https://' || number || '.example', {others}"
            f" FROM (SELECT * FROM rescind.clients LIMIT 1) AS one, generate_series(1, {ROWS}) AS number"
        )
        connection.execute(
            "INSERT INTO rescind.client_origins (tenant_id, origin, client_id)"
            " SELECT tenant_id, allowed_origins, client_id FROM rescind.clients WHERE client_id LIKE 'c%'"
            " ON CONFLICT DO NOTHING"
        )


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", f"https://{ROWS}.example"])
def test_an_origin_is_looked_up_by_an_index(crowded: Client, origin: str) -> None:
    with sent() as statements:
        assert may_read(crowded, origin) == (origin != "https://evil.example")
    asking = [each for each in statements if "allowed_origins" in each and "replace" in each]

    with crowded.tenant.server.authority.store.reading() as tx:
        plans = [explained(tx, f", GENERIC_PLAN) {each}") for each in asking]

    looks = [look for plan in plans for look in looks_at_tables(plan)]
    assert {look["Relation Name"] for look in looks} == {"clients", "client_origins"}
    for look in looks:
        assert look["Node Type"] in {"Index Scan", "Index Only Scan"}, look
        assert " AND " in look["Index Cond"], look


def test_what_a_client_lists_may_change(tenant: Tenant) -> None:
    client = tenant.new_client(allowed_origins=[ORIGIN, "http://localhost:3000"])
    other = tenant.new_client(allowed_origins=[ORIGIN])
    registered = [may_read(client, ORIGIN), may_read(client, "http://localhost:3000")]

    clients.update(
        tenant.server.authority, tenant.record, client.client_id, allowed_origins=["http://[::1]:8080"]
    )

    assert registered == [True, True]
    assert not may_read(client, "http://localhost:3000")
    assert may_read(client, "http://[::1]:8080")
    # The other client lists it still.
    assert may_read(client, ORIGIN)
    clients.delete(tenant.server.authority, tenant.record, other.client_id, actor="test")
    assert not may_read(client, ORIGIN)


def test_a_client_that_comes_back_under_its_id_has_the_origins_it_is_given_now(tenant: Tenant) -> None:
    client, other = tenant.new_client(client_id="shop", allowed_origins=[ORIGIN]), tenant.new_client()
    clients.delete(tenant.server.authority, tenant.record, client.client_id, actor="test")

    tenant.new_client(client_id="shop", allowed_origins=["https://new.example"])

    assert may_read(other, "https://new.example")
    assert not may_read(other, ORIGIN)


def as_before(tenant: Tenant) -> None:
    """Let the store be one between the two steps, on which the version before has registered the clients."""
    store = tenant.server.authority.store
    with store.opened(is_writing=True) as connection:
        schema = "" if store.is_sqlite else "rescind."
        connection.execute(text(stores.UNSETTLE.format(schema=schema)))
    nothing_noted = plain(delete(client_origins).where(client_origins.c.tenant_id == TENANT_ID))
    store.transact(lambda tx: tx.rows(nothing_noted, tenant_id=tenant.record.id))


def test_while_workers_of_the_version_before_may_be_left_what_they_register_is_listed(
    apart: Tenant, tmp_path: Path
) -> None:
    client = apart.new_client(allowed_origins=[ORIGIN])
    as_before(apart)

    # One that has not seen the last step made yet.
    with serving(str(apart.server.authority.settings.database_url), tmp_path) as server:
        client = replace(client, tenant=replace(apart, server=server))
        assert may_read(client, ORIGIN)
        assert not may_read(client, "https://evil.example")


def test_the_last_step_fills_in_the_origins_of_every_client(apart: Tenant) -> None:
    both = [ORIGIN, "http://localhost:3000"]
    client = apart.new_client(allowed_origins=both)
    apart.new_client()
    gone = apart.new_client(allowed_origins=["https://gone.example"])
    clients.delete(apart.server.authority, apart.record, gone.client_id, actor="test")
    as_before(apart)

    upgrading.finish(apart.server.authority)

    noted = plain(
        select(client_origins.c.origin, client_origins.c.client_id).where(
            client_origins.c.tenant_id == TENANT_ID
        )
    )
    with apart.server.authority.store.reading() as tx:
        found = tx.rows(noted, tenant_id=apart.record.id)
    assert set(found) == {(each, client.client_id) for each in both}
