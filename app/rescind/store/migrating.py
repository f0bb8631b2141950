"""Find the migrations, run them, and tell whether a store has them. In a checkout and in a wheel."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, inspect, literal_column, select, table, text

from rescind.errors import Refused
from rescind.store.engine import Store
from rescind.store.tables import SCHEMA, Base, tenants

VERSION_TABLE = "rescind_alembic_version"
# Any number, the same in every process: who holds it is the one that migrates.
_MIGRATING = 7009_2013


def head() -> str:
    """Give the newest revision that this version of the package knows."""
    return str(_scripts().get_current_head())


def is_behind(revision: str | None) -> bool:
    """Tell whether a store of this revision lacks something; one that is newer than we know does not."""
    known = {script.revision for script in _scripts().walk_revisions()}
    return revision is None or (revision in known and revision != head())


def current(store: Store) -> str | None:
    """Give the revision of a store; None where it was never migrated.

    Raises:
        StoreUnavailable: it can't be asked.
    """
    with store.opened() as connection:
        schema = _schema(connection)
        if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
            return None
        versions = table(VERSION_TABLE, schema=schema)
        return connection.execute(select(literal_column("version_num")).select_from(versions)).scalar()


def read_a_row(store: Store) -> None:
    """Read a real table, as every request does.

    Raises:
        StoreUnavailable: it can't be read.
    """
    with store.opened() as connection:
        connection.execute(select(tenants.c.id).limit(1)).first()


def upgrade(store: Store) -> None:
    """Bring a store to the newest revision. Twice, or from two processes at once, does no harm.

    Raises:
        Refused: a newer version of the package has migrated it. Nothing was changed.
        StoreUnavailable: nothing was changed.
    """
    with _migrating(store) as connection:
        if not store.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            # Not IF NOT EXISTS: that asks for the right to create schemas also where there is nothing to do.
            if not inspect(connection).has_schema(SCHEMA):
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise Refused("The store has a revision that this version of Rescind does not know.") from error


def differences(store: Store) -> list[str]:
    """List what the tables of a store lack or have too much, against the models; empty where they agree."""
    with _migrating(store) as connection:
        context = MigrationContext.configure(connection, opts=context_options(connection))
        return [str(difference) for difference in compare_metadata(context, target_metadata(connection))]


def target_metadata(connection: Connection) -> MetaData:
    """Give the models' metadata as it stands on this database: with a schema of its own, or without."""
    if connection.dialect.name != "sqlite":
        return Base.metadata
    plain = MetaData(naming_convention=Base.metadata.naming_convention)
    for model in Base.metadata.sorted_tables:
        model.to_metadata(plain, schema=cast(str, None))
    return plain


def context_options(connection: Connection) -> dict[str, object]:
    """Give what Alembic is told, the same when it migrates and when it compares."""
    schema = _schema(connection)
    return {
        "version_table": VERSION_TABLE,
        "version_table_schema": schema,
        "include_schemas": schema is not None,
        "include_name": lambda name, kind, parents: kind != "schema" or name == schema,
        "render_as_batch": schema is None,
        "compare_type": True,
    }


def _schema(connection: Connection) -> str | None:
    return None if connection.dialect.name == "sqlite" else SCHEMA


@contextmanager
def _migrating(store: Store) -> Iterator[Connection]:
    """Give one transaction without the short time limits of requests, as DDL may take minutes."""
    patient = store.apart(pool_size=1, patient=True)
    try:
        with patient.opened(is_writing=True) as connection:
            yield connection
    finally:
        patient.dispose()


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config(output_buffer=io.StringIO())
    config.set_main_option("script_location", str(_folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "migrations"
    return packaged if packaged.is_dir() else here.parents[3] / "migrations"
