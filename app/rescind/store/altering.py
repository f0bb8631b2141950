"""Changes of tables that leave the traffic beside them alone.

A lock on a table that is waited for keeps all that come later waiting too. So on PostgreSQL each change waits
for its lock only briefly, gives up, and tries again; indexes are built and dropped CONCURRENTLY. None is in
one transaction with another, so one that stopped half way is gone on with when it is run once more.

A store that is new has no traffic, and on SQLite each change is over as soon as it has begun.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection
from sqlalchemy.exc import DBAPIError

from rescind.errors import StoreUnavailable
from rescind.store import faults
from rescind.store.base import SCHEMA

LOCK_MILLISECONDS = 2000
PAUSE_SECONDS = 2.0
# All that is waited in vain, together.
PATIENCE_SECONDS = 300
_HELD_ON = (
    "A transaction holds on to the tables. What was done stays; run the same command again when it is over."
)
_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"

Tell = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


class Altering:
    """What migrations change a store with.

    Args:
        connection: in a transaction, or, beside traffic, in none.
        is_beside_traffic: whether others work on these tables meanwhile; PostgreSQL only.
        tell: called with a sentence when something takes its time.
    """

    def __init__(
        self, connection: Connection, *, is_beside_traffic: bool = False, tell: Tell = silent
    ) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.is_beside_traffic = is_beside_traffic
        self.schema = None if self.is_sqlite else SCHEMA
        self._tell = tell
        self._patience_seconds = float(PATIENCE_SECONDS)

    def named(self, name: str) -> str:
        """Give the name of a table or an index as it is written in a statement."""
        return f"{self.schema}.{name}" if self.schema else name

    def run(self, *statements: str, lock_milliseconds: int = LOCK_MILLISECONDS) -> None:
        """Run statements that need a lock: beside traffic in one transaction, that is tried again and again.

        Raises:
            StoreUnavailable: the lock could not be had in all that time. Nothing was changed by these.
        """
        if self.is_beside_traffic:
            self.patiently(lambda: self._send(statements), lock_milliseconds=lock_milliseconds)
        else:
            self._send(statements)

    def patiently(self, work: Callable[[], object], *, lock_milliseconds: int = LOCK_MILLISECONDS) -> None:
        """Do something in a transaction that waits only briefly for each lock, again and again until it goes.

        Raises:
            StoreUnavailable: it did not in all that time. Nothing was changed by it.
        """
        while True:
            started = time.monotonic()
            try:
                self._send(["BEGIN", f"SET LOCAL lock_timeout = {lock_milliseconds}"])
                work()
                self._send(["COMMIT"])
                return
            except BaseException as error:
                with contextlib.suppress(DBAPIError):
                    self._send(["ROLLBACK"])
                if faults.code_of(error) not in {_LOCK_NOT_AVAILABLE, _DEADLOCK}:
                    raise
            # Those who queued behind the lock go first.
            time.sleep(PAUSE_SECONDS)
            self._patience_seconds -= time.monotonic() - started
            if self._patience_seconds <= 0:
                raise StoreUnavailable(_HELD_ON)

    def add_columns(self, table: str, columns: Sequence[Column[Any]]) -> None:
        """Add columns without a value."""
        dialect = self.connection.dialect
        added = [f"{column.name} {column.type.compile(dialect)}" for column in columns]
        if self.is_sqlite:
            for each in added:
                self.run(f"ALTER TABLE {table} ADD COLUMN {each}")
            return
        all_of_them = ", ".join(f"ADD COLUMN IF NOT EXISTS {each}" for each in added)
        self.run(f"ALTER TABLE {self.named(table)} {all_of_them}")

    def create_index(self, table: str, columns: Iterable[str], *, where: str = "", suffix: str = "") -> None:
        """Make an index under the name that it has by its columns; one that is there and whole stays.

        Args:
            where: of the rows that it holds, if not all.
            suffix: behind its name.
        """
        name = index_name(table, columns) + suffix
        on = f"ON {self.named(table)} ({', '.join(columns)})" + (f" WHERE {where}" if where else "")
        if not self.is_beside_traffic:
            self.run(f"CREATE INDEX IF NOT EXISTS {name} {on}")
            return
        # What a build leaves behind that was stopped is of no use, and has to be kept up all the same.
        if self._is_index(name, "NOT indisvalid"):
            self.drop_index(name)
        if not self._is_index(name):
            self._tell(f"Building the index {name}, once the transactions that are open now have ended.")
            self._send([f"CREATE INDEX CONCURRENTLY {name} {on}"])

    def drop_index(self, name: str) -> None:
        """Drop an index, if it is there."""
        if self.is_beside_traffic:
            self._send([f"DROP INDEX CONCURRENTLY IF EXISTS {self.named(name)}"])
        else:
            self.run(f"DROP INDEX IF EXISTS {self.named(name)}")

    def narrow_index(self, table: str, columns: Iterable[str], where: str) -> None:
        """Put an index that leaves rows out in the place of the one of that name, which has them all."""
        name, suffix = index_name(table, columns), "_narrow"
        if not self.is_beside_traffic:
            self.drop_index(name)
            self.create_index(table, columns, where=where)
            return
        if not self._is_index(name, "indpred IS NOT NULL"):
            self.create_index(table, columns, where=where, suffix=suffix)
            self.drop_index(name)
            self.run(f"ALTER INDEX {self.named(name + suffix)} RENAME TO {name}")

    def _is_index(self, name: str, condition: str = "true") -> bool:
        found = self.connection.exec_driver_sql(
            f"SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('{self.named(name)}') AND {condition}"  # noqa: S608
        )
        return found.first() is not None

    def _send(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self.connection.exec_driver_sql(statement)


def index_name(table: str, columns: Iterable[str]) -> str:
    """Give the name of an index, as the models have it."""
    return f"ix_{table}_{'_'.join(columns)}"
