"""Statements that SQLite and PostgreSQL both have, and SQLAlchemy spells for each of them apart."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from rescind.store.engine import Transaction


class PerDialect:
    """An `INSERT ... ON CONFLICT` in both spellings, made once."""

    def __init__(self, table: Table, finish: Callable[[Any], Any]) -> None:
        """Make it: `finish` gets the plain insert of a dialect."""
        self._made = {
            "sqlite": finish(sqlite.insert(table)),
            "postgresql": finish(postgresql.insert(table)),
        }

    def on(self, tx: Transaction) -> Any:
        """Give the statement for the database of a transaction."""
        return self._made[tx.dialect.name]
