"""The store: units of work on one engine, and driver faults turned into `StoreUnavailable`."""

import contextlib
import logging
from collections.abc import Iterator

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from rescind.errors import StoreUnavailable
from rescind.store.drivers import COMMIT_IN_DOUBT, is_aborted, make_engine, wait_seconds
from rescind.store.forks import call_in_child
from rescind.store.turns import Turns

log = logging.getLogger(__name__)

Transaction = Connection


class Store:
    """One database, and the units of work on it. Safe to share between threads and to take over a fork."""

    def __init__(self, url: str, *, pool_size: int = 8, patient: bool = False) -> None:
        self.url = make_url(url)
        self.engine = make_engine(self.url, pool_size=pool_size, patient=patient)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"
        self._turns = Turns(str(self.url.database), wait_seconds(patient)) if self.is_sqlite else None
        # A fault while a connection is being set up comes as the driver raised it.
        driver = self.engine.dialect.loaded_dbapi
        self._faults: tuple[type[Exception], ...] = (SQLAlchemyError, driver.Error)
        call_in_child(self._forget_connections)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give a connection on which each statement stands for itself.

        Raises:
            StoreUnavailable: the store did not answer in its time.
        """
        with self._faults_mapped(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a transaction that commits at the end of the block, and rolls back when the block raises.

        Raises:
            StoreUnavailable: the commit was not confirmed. What became of it is not known.
        """
        turn = self._turns.taken() if self._turns else contextlib.nullcontext()
        with self._faults_mapped(), turn, self.engine.connect() as connection:
            connection.exec_driver_sql(self._begin)
            try:
                yield connection
                _commit(connection)
            except BaseException:
                _roll_back(connection)
                raise
            if connection.info.pop(COMMIT_IN_DOUBT, False):
                raise StoreUnavailable("The commit was not confirmed by the standby.")

    def confirm(self) -> None:
        """Wait for the standby with all that is committed, where PostgreSQL has to wait for one.

        A commit that no standby confirmed is answered with a fault, and is seen on this machine all the same.
        Whoever reports what it sees as done therefore commits once more, behind it.

        Raises:
            StoreUnavailable: the standby did not confirm.
        """
        if self.is_sqlite:
            return
        with self.reading() as connection:
            has_standby = bool(connection.exec_driver_sql("SHOW synchronous_standby_names").scalar())
        if has_standby:
            with self.writing() as tx:
                # Only a transaction that has written something to the log waits; this is the least there is.
                tx.exec_driver_sql("SELECT pg_logical_emit_message(true, 'rescind', '')")

    def adopt(self, connection: Connection) -> Transaction:
        """Take a transaction that is someone else's, who commits it; faults on it stay as they are.

        Raises:
            ValueError: the connection is not to this PostgreSQL database. No statement was sent.
        """
        if self.is_sqlite or _place(connection.engine.url) != _place(self.url):
            raise ValueError("The connection is not to the PostgreSQL database that holds our schema.")
        return connection

    @contextlib.contextmanager
    def _faults_mapped(self) -> Iterator[None]:
        try:
            yield
        except self._faults as error:
            log.error("the store did not confirm: %s", _describe(error))
            raise StoreUnavailable("The store did not confirm in its time.") from error
        except StoreUnavailable as error:
            log.error("the store did not confirm: %s", error)
            raise

    def _forget_connections(self) -> None:
        # Two processes on one connection would read each other's answers.
        self.engine.dispose(close=False)

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


def _place(url: URL) -> tuple[str, object, int, str | None]:
    """Tell where a database is, whatever driver and user it is reached with; unnamed, it is the user's."""
    host = url.host or url.query.get("host") or "localhost"
    return url.get_backend_name(), host, url.port or 5432, url.database or url.username


def _commit(connection: Connection) -> None:
    # PostgreSQL answers COMMIT without an error even where a failed statement has undone everything before.
    if is_aborted(connection):
        raise StoreUnavailable("A statement had failed, so there was nothing to commit.")
    connection.exec_driver_sql("COMMIT")


def _roll_back(connection: Connection) -> None:
    try:
        if not connection.invalidated:
            connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        # Not known to be out of its transaction: it must never serve another request.
        connection.invalidate()


def _describe(error: Exception) -> str:
    """Name a fault by its class and code: its text may hold values."""
    fault = getattr(error, "orig", None) or error
    code = getattr(fault, "sqlstate", None) or getattr(fault, "sqlite_errorname", None)
    return f"{type(fault).__name__} {code or 'without a code'}"
