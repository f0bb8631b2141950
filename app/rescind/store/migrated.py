"""Whether a store is migrated, as every command asks; without Alembic, which takes long to load."""

from typing import Any

from sqlalchemy import Connection, inspect, literal_column, select, table

from rescind.store.engine import Store
from rescind.store.settling import EXPANDED, UNSETTLED, VERSION_TABLE
from rescind.store.tables import SCHEMA, tenants


def current(store: Store) -> str | None:
    """Give the revision of a store; None where it was never migrated.

    Raises:
        StoreUnavailable: it can't be asked.
    """
    with store.opened() as connection:
        return revision(connection)


def revision(connection: Connection) -> str | None:
    """Give the same on a connection."""
    schema = schema_of(connection)
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    versions = table(VERSION_TABLE, schema=schema)
    found: Any = connection.execute(select(literal_column("version_num")).select_from(versions)).scalar()
    return None if found is None else str(found)


def is_behind(revision: str | None) -> bool:
    """Tell whether a store of this revision lacks something that this version needs."""
    return revision is None or (revision in UNSETTLED and revision != EXPANDED)


def read_a_row(store: Store) -> None:
    """Read a real table, as every request does.

    Raises:
        StoreUnavailable: it can't be read.
    """
    with store.opened() as connection:
        connection.execute(select(tenants.c.id).limit(1)).first()


def schema_of(connection: Connection) -> str | None:
    """Give the schema that our tables stand in on this database."""
    return None if connection.dialect.name == "sqlite" else SCHEMA
