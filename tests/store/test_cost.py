"""What a bulk revocation costs: the same statements and the same rows, whatever the number of tokens."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rescind.domain import clock
from rescind.domain.registry import tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import apply
from rescind.domain.revoking.selectors import Single
from rescind.domain.secrets import digest
from rescind.store import admission
from rescind.store.engine import Transaction
from rescind.store.records import PresentedToken
from rescind.store.transactions import OnSqlite
from tests import stores
from tests.hot_requests import sent
from tests.servers import Server
from tests.store.apart import serving

CROWD = 100_000
CLIENT_ID, SUBJECT = "the-client", "alice"
TABLES = {
    "grants": (
        *("tenant_id", "id", "client_id", "subject", "session_sid", "scope", "audience"),
        *("tenant_epoch", "client_epoch", "subject_epoch", "created_at", "expires_at"),
    ),
    "tokens": ("tenant_id", "digest", "kind", "grant_id", "scope", "issued_at", "expires_at"),
}


@dataclass(frozen=True)
class Crowd:
    """Tokens of one tenant, client, subject and session, each with a grant of its own."""

    server: Server
    tenant: str
    sid: str
    sample: list[str]

    @property
    def selectors(self) -> dict[str, Single]:
        """Name all of them, in each way there is."""
        return {
            "tenant": selectors.Tenant(self.tenant),
            "client": selectors.Client(self.tenant, CLIENT_ID),
            "subject": selectors.Subject(self.tenant, SUBJECT),
            "session": selectors.Session(self.tenant, self.sid),
        }


@dataclass(frozen=True)
class Cost:
    """What a revocation did at the store, and how many of the sample it left active."""

    statements: list[str]
    rows_written: int
    active_before: int
    active_after: int


class UndoneError(Exception):
    """Raised to roll back."""


def cost(crowd: Crowd, kind: str) -> Cost:
    """Revoke all, look, and roll back."""
    store = crowd.server.authority.store
    tenant = tenants.get(crowd.server.authority, crowd.tenant)
    measured = []
    with pytest.raises(UndoneError), stores.transaction(store) as tx:
        active_before, written_before = active(tx, tenant.id, crowd.sample), rows_written(tx)
        with sent() as statements:
            apply(
                crowd.server.authority,
                tx,
                tenant,
                crowd.selectors[kind],
                Cause("test", actor="operator:test"),
            )
        written = rows_written(tx) - written_before
        measured = [Cost(statements, written, active_before, active(tx, tenant.id, crowd.sample))]
        raise UndoneError
    return measured[0]


def active(tx: Transaction, tenant_id: int, sample: list[str]) -> int:
    """Count the tokens of the sample that are active."""
    found = [admission.find_token(tx, tenant_id, PresentedToken(digest(token))) for token in sample]
    return sum(token is not None and token.is_active for token in found)


def rows_written(tx: Any) -> int:
    """Count the rows that were inserted, updated or deleted on this connection, or in this transaction."""
    if isinstance(tx, OnSqlite):
        return int(tx.send("SELECT total_changes()").fetchone()[0])
    statement = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    return int(tx.send(statement).fetchone()[0])


def load(url: str, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Write many rows the fast way of each database."""
    columns = ", ".join(TABLES[table])
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            marks = ", ".join("?" * len(TABLES[table]))
            file.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        file.close()
        return
    statement = f"COPY rescind.{table} ({columns}) FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def make_crowd(server: Server, url: str, count: int) -> Crowd:
    """Make a tenant and all that hangs on it."""
    tenant = server.new_tenant()
    epochs = tenant.new_client(client_id=CLIENT_ID).authorization(SUBJECT).epochs
    sid = tenant.new_session(SUBJECT)
    strings = [f"{tenant.name}-{number}" for number in range(count)]
    now, tenant_id = clock.now(), tenant.record.id
    until = now + 3600
    about = (CLIENT_ID, SUBJECT, sid, "", "", epochs.tenant, epochs.client, epochs.subject, now, until)
    load(url, "grants", [(tenant_id, string, *about) for string in strings])
    load(
        url,
        "tokens",
        [(tenant_id, digest(string), "access", string, "", now, until) for string in strings],
    )
    return Crowd(server, tenant.name, sid, [strings[0], strings[-1]])


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own."""
    with serving(own_url, tmp_path) as server:
        yield server


@pytest.mark.requirement("CAS-09")
def test_revoking_all_costs_the_same_for_100_000_tokens_as_for_one(server: Server, own_url: str) -> None:
    one, many = make_crowd(server, own_url, 1), make_crowd(server, own_url, CROWD)

    costs = {kind: (cost(one, kind), cost(many, kind)) for kind in one.selectors}

    assert {kind: few.statements == all_.statements for kind, (few, all_) in costs.items()} == dict.fromkeys(
        costs, True
    )
    assert {kind: (few.rows_written, all_.rows_written) for kind, (few, all_) in costs.items()} == (
        dict.fromkeys(costs, (2, 2))
    )
    assert {kind: (all_.active_before, all_.active_after) for kind, (_, all_) in costs.items()} == (
        dict.fromkeys(costs, (2, 0))
    )
