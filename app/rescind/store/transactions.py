"""Where statements run: on a connection of our own, or on one of a host's.

Both give the same records for the same statement. What a driver raises passes through as it is; `engine`
makes of it what the rest of the package knows.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from rescind.store import clock
from rescind.store.postgresql import server_of
from rescind.store.settling import Settling
from rescind.store.standing import Server
from rescind.store.statements import POSTGRESQL, SQLITE, Compiled, Statement
from rescind.store.writes import Write
from rescind.store.young import YoungPlans

R = TypeVar("R")

# Called with the dialect and the text of every statement, before it is sent and after it was run: for tests
# and tracing.
watchers: list[Callable[[str, str], None]] = []
after_watchers: list[Callable[[str, str], None]] = []


class Transaction(Protocol):
    """Runs statements; each by itself, or all in one transaction: that is whoever's who made it."""

    def rows(self, statement: Statement[R], **values: Any) -> list[R]:
        """Run a statement, and give all of its records."""
        ...

    def first(self, statement: Statement[R], **values: Any) -> R | None:
        """Run a statement, and give its first record."""
        ...

    def value(self, statement: Statement[Any], **values: Any) -> Any:
        """Run a statement without a shape, and give the first column of its first row; None without a row."""
        ...

    def write(self, write: Write[R], **values: Any) -> R | None:
        """Run a write, and give the record by which it was decided; None where nothing was done."""
        ...


class _Shared:
    """What is the same on every connection.

    Args:
        settling: of the store, which statements are told of.
    """

    def __init__(self, settling: Settling) -> None:
        self._settling = settling

    def _told(self, dialect: str, values: dict[str, Any]) -> dict[str, Any]:
        """Add what every statement may ask for."""
        values["now"] = clock.given(dialect)
        values["missing_epoch"] = self._settling.missing_epoch
        return values

    def rows(self, statement: Statement[R], **values: Any) -> list[R]:
        raise NotImplementedError

    def first(self, statement: Statement[R], **values: Any) -> R | None:
        """Run a statement, and give its first record."""
        found = self.rows(statement, **values)
        return found[0] if found else None

    def value(self, statement: Statement[Any], **values: Any) -> Any:
        """Run a statement without a shape, and give the first column of its first row."""
        found = self.rows(statement, **values)
        return found[0][0] if found else None

    def write(self, write: Write[R], **values: Any) -> R | None:
        """Run a write as one statement, behind that which waits for what it has to see."""
        if write.lock is not None:
            self.rows(write.lock, **values)
        return self.first(write.whole(), **values)


class OnPostgres(_Shared):
    """A psycopg connection of ours.

    Args:
        settling: of the store.
        server: which the connection leads to.
        unit: how a unit of work begins where others share the server's session, or Citus distributes the
            store. Nothing is prepared then, and the server is the one that the last unit has found.
    """

    def __init__(
        self, connection: Any, settling: Settling, server: Server, *, unit: str | None = None
    ) -> None:
        from psycopg import RawCursor

        super().__init__(settling)
        self.server = server
        self._cursor = RawCursor(connection)
        self.unit = unit
        # Nothing is kept where nothing is prepared.
        self.young = YoungPlans(connection) if unit is None else None

    def begin(self) -> None:
        """Begin a transaction.

        Raises:
            StoreUnavailable: the server that a pooler has given is none that may write.
        """
        if self.unit is None:
            self.send("BEGIN")
            return
        answer = self.send(self.unit)
        while answer.nextset():
            pass
        self.server = server_of(answer.fetchone())

    def rows(self, statement: Statement[R], **values: Any) -> list[R]:
        """Run a statement, and give all of its records."""
        compiled: Compiled[R] = statement.on(POSTGRESQL)
        arguments = compiled.arguments(self._told(POSTGRESQL, values))
        self.send(compiled.text, arguments, is_prepared=statement.is_prepared)
        return compiled.records(self._cursor.fetchall()) if compiled.returns_rows else []

    def send(self, text: str, arguments: list[Any] | None = None, *, is_prepared: bool = False) -> Any:
        """Send a text, and give the cursor."""
        for watch in watchers:
            watch(POSTGRESQL, text)
        self._cursor.execute(text, arguments, prepare=is_prepared and self.unit is None)
        for watch in after_watchers:
            watch(POSTGRESQL, text)
        return self._cursor

    def is_aborted(self) -> bool:
        """Tell whether a failed statement has ended the transaction that is still open."""
        return bool(self._cursor.connection.info.transaction_status.name == "INERROR")


class OnSqlite(_Shared):
    """A sqlite3 connection of ours."""

    server = None
    young = None

    def __init__(self, connection: Any, settling: Settling) -> None:
        super().__init__(settling)
        self._connection = connection

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self.send("BEGIN IMMEDIATE")

    def rows(self, statement: Statement[R], **values: Any) -> list[R]:
        """Run a statement, and give all of its records."""
        compiled: Compiled[R] = statement.on(SQLITE)
        cursor = self.send(compiled.text, compiled.arguments(self._told(SQLITE, values)))
        return compiled.records(cursor.fetchall()) if compiled.returns_rows else []

    def write(self, write: Write[R], **values: Any) -> R | None:
        """Run what decides and, where it gave a row, what follows. The caller has the turn to write."""
        decided, *then = write.steps
        record: R | None = self.first(decided, **values)
        if record is not None:
            for each in then:
                self.rows(each, **values)
        if write.always is not None:
            self.rows(write.always, **values)
        return record

    def send(self, text: str, arguments: list[Any] | None = None) -> Any:
        """Send a text, and give the cursor."""
        for watch in watchers:
            watch(SQLITE, text)
        cursor = self._connection.execute(text, arguments or ())
        for watch in after_watchers:
            watch(SQLITE, text)
        return cursor

    def is_aborted(self) -> bool:
        """Tell the same; SQLite undoes the one statement only."""
        return False


class OnHosts(_Shared):
    """A connection of a host's, through whatever driver it has; SQLAlchemy sends, and tells the host."""

    def __init__(self, connection: Connection, settling: Settling) -> None:
        super().__init__(settling)
        self._connection = connection

    def rows(self, statement: Statement[R], **values: Any) -> list[R]:
        """Run a statement, and give all of its records."""
        compiled = statement.compiled(self._connection.dialect)
        values = self._told(POSTGRESQL, values)
        arguments: Any = compiled.named_arguments(values)
        if compiled.is_positional:
            arguments = tuple(compiled.arguments(values))
        result = self._connection.exec_driver_sql(compiled.text, arguments)
        return compiled.records([tuple(row) for row in result]) if compiled.returns_rows else []
