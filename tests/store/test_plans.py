"""How PostgreSQL finds the rows of a request: by whole keys that begin with the tenant.

A statement is prepared once in a connection, and its plan is kept; it may have been made while the tables
were empty. Nobody analyzes the tables here: what is known of them is how large they are.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rescind.store import young
from tests import stores
from tests.hot_requests import HOT, sent
from tests.servers import Server
from tests.store.apart import serving

Node = dict[str, Any]
ROWS = 5_000
# Of PostgreSQL: a plan that fits any parameters is made behind so many that fit theirs.
PLANNED_ANEW = 5


@pytest.fixture
def server(
    postgresql: stores.PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """Give a server with one connection to a store of its own, in which there is next to nothing."""
    monkeypatch.setattr(young, "EVERY_SECONDS", 0)
    url = stores.new_migrated_database(postgresql)
    with serving(url, tmp_path, pool_size=1) as server:
        yield server


def explained(tx: Any, statement: str) -> Node:
    """Give the plan of a statement."""
    (answer,) = tx.send(f"EXPLAIN (FORMAT JSON{statement}").fetchone()
    plan: Node = answer[0]["Plan"]
    return plan


def kept_plans(server: Server) -> list[Node]:
    """Give the plans that the connection has kept, of statements of requests."""
    with server.authority.store.reading() as tx:
        sending: Any = tx
        kept = sending.send(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements"
            " WHERE generic_plans > 0 AND statement LIKE '%rescind.%'"
            " AND cardinality(parameter_types) > 0"
        ).fetchall()
        assert kept
        return [explained(tx, f") EXECUTE {name}({', '.join(['NULL'] * count)})") for name, count in kept]


def looks_at_tables(plan: Node) -> Iterator[Node]:
    """Give the nodes that look for rows of a table."""
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        yield plan
    for each in plan.get("Plans", []):
        yield from looks_at_tables(each)


def fill(server: Server) -> None:
    """Have many rows of every tenant that is there, and let nobody count them."""
    uri = stores.as_text(server.authority.store.url.set(drivername="postgresql"))
    with psycopg.connect(uri, autocommit=True) as connection:
        for table, key in [
            ("clients", "client_id"),
            ("grants", "id"),
            ("tokens", "digest"),
            ("authorization_codes", "digest"),
        ]:
            names = connection.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'rescind' AND table_name = %s AND column_name <> %s",
                [table, key],
            ).fetchall()
            others = ", ".join(f'"{name}"' for (name,) in names)
            made = "sha256(number::text::bytea)"
            connection.execute(
                f"INSERT INTO rescind.{table} ({key}, {others})"
                f" SELECT {made if key == 'digest' else f'{made}::text'}, {others}"
                f" FROM (SELECT * FROM rescind.{table} LIMIT 1) AS one, generate_series(1, {ROWS}) AS number"
            )
        connection.execute(
            "INSERT INTO rescind.sessions (tenant_id, sid, cookie_digest, subject, auth_time, tenant_epoch,"
            " subject_epoch, expires_at, purge_at)"
            " SELECT id, number::text, sha256(number::text::bytea), 'alice',"
            f" 0, 0, 0, 0, 0 FROM rescind.tenants, generate_series(1, {ROWS}) AS number"
        )


def test_on_empty_tables_every_row_is_found_by_its_tenant(server: Server) -> None:
    client = server.new_tenant().new_client()
    for prepare in HOT:
        request = prepare(client)
        with sent() as statements:
            assert request().status_code == 200
        with server.authority.store.reading() as tx:
            plans = [explained(tx, f", GENERIC_PLAN) {text}") for text in statements]

        for look in [look for plan in plans for look in looks_at_tables(plan)]:
            assert look["Node Type"] in {"Index Scan", "Index Only Scan"}, look
            assert look["Relation Name"] == "tenants" or "(tenant_id = " in look["Index Cond"], look


def test_plans_that_were_made_on_empty_tables_are_not_kept_when_these_have_grown(server: Server) -> None:
    client = server.new_tenant().new_client()
    prepared: list[Callable[[], httpx.Response]] = []
    for prepare in HOT:
        made = [prepare(client) for _ in range(PLANNED_ANEW + 3)]
        assert {request().status_code for request in made} == {200}
        prepared.append(prepare(client))
    fill(server)

    assert {request().status_code for request in prepared} == {200}

    looks = [look for plan in kept_plans(server) for look in looks_at_tables(plan)]
    assert {look["Relation Name"] for look in looks} >= {"clients", "grants", "tokens", "sessions"}
    for look in looks:
        assert look["Node Type"] in {"Index Scan", "Index Only Scan"}, look
        # Of tenants there is one of an id, and one of a name; else the key has more than the tenant.
        assert look["Relation Name"] == "tenants" or " AND " in look["Index Cond"], look
