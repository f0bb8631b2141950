"""An upgrade of PostgreSQL while a transaction holds on to a table: the traffic goes on all the same."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from rescind.errors import StoreUnavailable
from rescind.store import altering, migrating
from tests.patience import allowed
from tests.upgrading.conftest import Older
from tests.upgrading.traffic import flowing

READER_SECONDS = 6.0
# A change waits for its lock for 2 seconds at most, and others behind it.
MOST_SECONDS = 2.0 + 1.0

on_postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="module")


@dataclass
class Reader:
    """A transaction that has read the grants, and stays open."""

    connection: "psycopg.Connection[tuple[int, ...]]"

    @property
    def pid(self) -> int:
        """Its process, as the server names it."""
        return self.connection.info.backend_pid


@pytest.fixture
def reader(older: Older) -> Iterator[Reader]:
    """Open one."""
    with psycopg.connect(older.before.settings["RESCIND_DATABASE_URL"]) as connection:
        connection.execute("SELECT count(*) FROM rescind.grants")
        yield Reader(connection)


@on_postgresql
def test_reads_and_revocations_go_on_beside_an_open_reader(
    older: Older, reader: Reader, tmp_path: Path
) -> None:
    store = older.authority.store
    told: list[str] = []
    with (
        older.before.serving(tmp_path / "before.log") as base_url,
        flowing(older.client_at(base_url)) as traffic,
    ):
        timer = threading.Timer(READER_SECONDS, reader.connection.rollback)
        timer.start()
        rounds = traffic.rounds
        migrating.upgrade(store, tell=told.append)
        during = traffic.rounds - rounds

    timer.join()
    assert migrating.state(migrating.current(store)) == "expanded"
    assert f"process {reader.pid} of PostgreSQL" in "\n".join(told)
    assert set(traffic.statuses) == {200}
    assert (traffic.undone, traffic.errors) == ([], [])
    assert traffic.longest_seconds < allowed(MOST_SECONDS)
    assert during > 0


@on_postgresql
def test_one_that_never_ends_stops_the_upgrade_and_the_next_goes_on_with_it(
    older: Older, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = older.authority.store
    monkeypatch.setattr(altering, "PATIENCE_SECONDS", 3)

    with pytest.raises(StoreUnavailable, match="holds on to the tables"):
        migrating.upgrade(store)

    stopped_at = migrating.state(migrating.current(store))
    reader.connection.rollback()
    migrating.upgrade(store)
    assert stopped_at == "behind"
    assert migrating.differences(store) == []


@on_postgresql
def test_what_a_stopped_build_has_left_is_built_again(older: Older) -> None:
    store, name = older.authority.store, "ix_tokens_tenant_id_purge_at"
    migrating.upgrade(store)
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(
            f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'rescind.{name}'::regclass"
        )
        connection.exec_driver_sql("UPDATE rescind.rescind_alembic_version SET version_num = '0004'")

    migrating.upgrade(store)

    with store.opened() as connection:
        found = connection.exec_driver_sql(
            f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'rescind.{name}'::regclass"
        )
        assert found.scalar() is True
    assert migrating.differences(store) == []
