"""The store: units of work on one database, and driver faults turned into `StoreUnavailable`."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, PoolProxiedConnection, make_url

from rescind.errors import StoreUnavailable
from rescind.store import faults
from rescind.store.drivers import COMMIT_IN_DOUBT, is_idle, make_engine, wait_seconds
from rescind.store.forks import call_in_child
from rescind.store.settling import Settling
from rescind.store.statements import Statement
from rescind.store.transactions import OnHosts, OnPostgres, OnSqlite, Transaction
from rescind.store.turns import Turns
from rescind.store.writes import Write

__all__ = ["Store", "Transaction"]

log = logging.getLogger(__name__)

MOST_TRIES = 4
_PAUSE_SECONDS = 0.01

R = TypeVar("R")
T = TypeVar("T")


@dataclass(slots=True)
class _Taken:
    """A connection out of the pool, and what runs statements on it."""

    pooled: PoolProxiedConnection
    tx: Any


class _Kept(threading.local):
    """What a thread keeps: whether it keeps a connection at all, and the one that it has."""

    depth = 0
    taken: _Taken | None = None


class Store:
    """One database, and the units of work on it. Safe to share between threads and to take over a fork."""

    def __init__(self, url: str, *, pool_size: int = 8, patient: bool = False) -> None:
        self.url = make_url(url)
        self.engine = make_engine(self.url, pool_size=pool_size, patient=patient)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turns = Turns(str(self.url.database), wait_seconds(patient)) if self.is_sqlite else None
        # A fault while a connection is being set up comes as the driver raised it.
        self._faults = faults.kinds(self.engine.dialect.loaded_dbapi)
        self._kept = _Kept()
        # Ids of tenants by name, see `admission`. Of nothing else that a request reads is anything kept.
        self.tenant_ids: dict[str, int] = {}
        self._settling = Settling()
        call_in_child(self._forget_connections)

    @property
    def is_settled(self) -> bool:
        """Whether it is known that no worker of the version before is left, for which more is written."""
        return self._settling.is_over(self)

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep one connection for all units of work of this thread in the block, as a request has several.

        It is taken when it is first needed. Nothing that takes long may be in the block: others wait for it.
        """
        kept = self._kept
        kept.depth += 1
        try:
            yield
        finally:
            kept.depth -= 1
            if kept.depth == 0 and kept.taken is not None:
                taken, kept.taken = kept.taken, None
                _give_back(taken)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give a connection on which each statement stands for itself.

        Raises:
            StoreUnavailable: the store did not answer in its time.
        """
        with self._faults_mapped(), self._connected() as taken:
            yield taken.tx

    def read(self, statement: Statement[R], **values: Any) -> R | None:
        """Run one statement by itself, and give its first record.

        Raises:
            StoreUnavailable: the store did not answer in its time.
        """
        return self._repeated(lambda: self._read(statement, values))

    def write(self, write: Write[R], **values: Any) -> R | None:
        """Run a write and commit; give the record by which it was decided, None where nothing was done.

        On PostgreSQL it is one statement, which is a transaction by itself.

        Raises:
            StoreUnavailable: the commit was not confirmed. What became of it is not known.
        """
        if self._turns is not None:
            return self.transact(lambda tx: tx.write(write, **values))
        return self._repeated(lambda: self._write_at_once(write, values))

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run statements in one transaction, and commit.

        The database may ask for all of it once more, so `work` touches nothing but the transaction.

        Raises:
            StoreUnavailable: the commit was not confirmed. What became of it is not known.
        """
        return self._repeated(lambda: self._transact(work))

    def confirm(self) -> None:
        """Wait for the standby with all that is committed, where PostgreSQL has to wait for one.

        A commit that no standby confirmed is answered with a fault, and is seen on this machine all the same.
        Whoever reports what it sees as done therefore commits once more, behind it.

        Raises:
            StoreUnavailable: the standby did not confirm.
        """
        if self.is_sqlite:
            return
        with self.reading() as tx:
            asked: Any = tx
            has_standby = bool(asked.send("SHOW synchronous_standby_names").fetchone()[0])
        if has_standby:
            # Only a transaction that has written something to the log waits; this is the least there is.
            self.transact(lambda tx: tx.send("SELECT pg_logical_emit_message(true, 'rescind', '')"))  # type: ignore[attr-defined]

    @contextlib.contextmanager
    def opened(self, *, is_writing: bool = False) -> Iterator[Connection]:
        """Give an SQLAlchemy connection, for what looks at tables or changes them.

        Args:
            is_writing: whether it is in a transaction, that is committed at the end of the block.

        Raises:
            StoreUnavailable: the store did not answer, or did not confirm.
        """
        has_turn = self._turns is not None and is_writing
        turn = self._turns.taken() if self._turns and has_turn else contextlib.nullcontext()
        with self._faults_mapped(), turn, self.engine.connect() as connection:
            if not is_writing:
                yield connection
                return
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def adopt(self, connection: Connection) -> Transaction:
        """Take a transaction that is someone else's, who commits it; faults on it stay as they are.

        Raises:
            ValueError: the connection is not to this PostgreSQL database. No statement was sent.
        """
        if self.is_sqlite or _place(connection.engine.url) != _place(self.url):
            raise ValueError("The connection is not to the PostgreSQL database that holds our schema.")
        return OnHosts(connection)

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def _read(self, statement: Statement[R], values: dict[str, Any]) -> R | None:
        with self._connected() as taken:
            found: R | None = taken.tx.first(statement, **values)
            return found

    def _write_at_once(self, write: Write[R], values: dict[str, Any]) -> R | None:
        with self._connected() as taken:
            taken.pooled.info.pop(COMMIT_IN_DOUBT, None)
            record: R | None = taken.tx.write(write, **values)
            _refuse_doubt(taken)
            return record

    def _transact(self, work: Callable[[Transaction], T]) -> T:
        turn = self._turns.taken() if self._turns else contextlib.nullcontext()
        with turn, self._connected() as taken:
            taken.tx.send("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                result = work(taken.tx)
                # PostgreSQL answers COMMIT without an error even where a failed statement has undone all.
                if taken.tx.is_aborted():
                    raise StoreUnavailable("A statement had failed, so there was nothing to commit.")
                taken.pooled.info.pop(COMMIT_IN_DOUBT, None)
                taken.tx.send("COMMIT")
            except BaseException:
                _roll_back(taken, self._faults)
                raise
            _refuse_doubt(taken)
            return result

    def _repeated(self, unit: Callable[[], T]) -> T:
        """Run a unit of work, and once more where the database asks for that."""
        with self._faults_mapped():
            for tries in range(1, MOST_TRIES + 1):
                try:
                    return unit()
                except self._faults as error:
                    if tries == MOST_TRIES or not faults.is_to_be_repeated(error):
                        raise
                time.sleep(_PAUSE_SECONDS * tries)
        raise AssertionError

    @contextlib.contextmanager
    def _connected(self) -> Iterator[_Taken]:
        """Give a connection: the one that this thread keeps, or one for the block."""
        kept = self._kept
        taken = kept.taken or self._take()
        kept.taken = taken if kept.depth else None
        try:
            yield taken
        except BaseException:
            # Not known to be in order: the next unit of work takes another.
            kept.taken = None
            _give_back(taken)
            raise
        if not kept.depth:
            _give_back(taken)

    def _take(self) -> _Taken:
        pooled = self.engine.raw_connection()
        driver = pooled.driver_connection
        return _Taken(pooled, OnSqlite(driver) if self.is_sqlite else OnPostgres(driver))

    @contextlib.contextmanager
    def _faults_mapped(self) -> Iterator[None]:
        try:
            yield
        except self._faults as error:
            log.error("the store did not confirm: %s", faults.describe(error))
            raise StoreUnavailable("The store did not confirm in its time.") from error
        except StoreUnavailable as error:
            log.error("the store did not confirm: %s", error)
            raise

    def _forget_connections(self) -> None:
        # Two processes on one connection would read each other's answers.
        self._kept = _Kept()
        self.engine.dispose(close=False)


def _place(url: URL) -> tuple[str, object, int, str | None]:
    """Tell where a database is, whatever driver and user it is reached with; unnamed, it is the user's."""
    host = url.host or url.query.get("host") or "localhost"
    return url.get_backend_name(), host, url.port or 5432, url.database or url.username


def _refuse_doubt(taken: _Taken) -> None:
    if taken.pooled.info.pop(COMMIT_IN_DOUBT, False):
        raise StoreUnavailable("The commit was not confirmed by the standby.")


def _roll_back(taken: _Taken, expected: tuple[type[Exception], ...]) -> None:
    # What can't be taken back is seen when the connection is given back, and never serves another request.
    with contextlib.suppress(*expected):
        taken.tx.send("ROLLBACK")


def _give_back(taken: _Taken) -> None:
    if is_idle(taken.pooled.driver_connection):
        taken.pooled.close()
    else:
        taken.pooled.invalidate()
