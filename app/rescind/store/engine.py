"""The store: units of work on one database."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, make_url

from rescind.errors import StoreUnavailable
from rescind.store import adopting, postgresql
from rescind.store.belief import Belief
from rescind.store.connections import Connections
from rescind.store.drivers import wait_seconds
from rescind.store.lease import LEASE_SECONDS
from rescind.store.postgresql import COMMIT_IN_DOUBT
from rescind.store.repeating import repeated
from rescind.store.settling import Settling
from rescind.store.statements import Statement
from rescind.store.transactions import Transaction
from rescind.store.turns import Turns
from rescind.store.writes import Write

__all__ = ["NO_POOLER", "TRANSACTION_POOLER", "Store", "Transaction"]

log = logging.getLogger(__name__)

NO_POOLER, TRANSACTION_POOLER = "none", "transaction"

R = TypeVar("R")
T = TypeVar("T")


class Store:
    """One database, and the units of work on it. Safe to share between threads and to take over a fork.

    Args:
        url: a SQLite file or a PostgreSQL database.
        pool_size: connections that this process may hold.
        patient: for migrations, whose statements may take minutes.
        pooler: `transaction` where a pooler hands PostgreSQL's sessions out by the transaction, else `none`.
        lease_seconds: how long what was read is believed after a confirmed write, see `lease`.
        command: what whoever operates it types for ours, for texts that say what to run.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        patient: bool = False,
        pooler: str = NO_POOLER,
        lease_seconds: float = LEASE_SECONDS,
        command: str = "rescind",
    ) -> None:
        self.url = make_url(url)
        self.command = command
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._pooler = pooler
        self.is_pooled = is_pooled = pooler == TRANSACTION_POOLER and not self.is_sqlite
        unit = postgresql.unit(is_patient=patient) if is_pooled else None
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else unit or "BEGIN"
        self._turns = Turns(str(self.url.database), wait_seconds(patient)) if self.is_sqlite else None
        self._belief = Belief(lease_seconds, self)
        self.lease = self._belief.lease
        self._settling = Settling()
        self._connections = Connections(
            self.url,
            pool_size=pool_size,
            is_patient=patient,
            is_pooled=is_pooled,
            meet=self.lease.meet,
            settling=self._settling,
            command=command,
        )
        # Ids of tenants by name, see `admission`. Of nothing else that a request reads is anything kept.
        self.tenant_ids: dict[str, int] = {}

    @property
    def address(self) -> str:
        """Where it is, for people: the path of the file, or the URL with neither password nor options."""
        if self.is_sqlite:
            return str(self.url.database)
        url = self.url
        hosts = {name: value for name, value in url.query.items() if name in ("host", "port")}
        shown = URL.create(
            "postgresql", url.username, host=url.host, port=url.port, database=url.database, query=hosts
        )
        return shown.render_as_string()

    @property
    def is_settled(self) -> bool:
        """Whether it is known that no worker of the version before is left, for which more is written."""
        return self._settling.is_over(self)

    @property
    def is_distributed(self) -> bool:
        """Whether Citus distributes the tables by tenant, as the last connection has found."""
        return self._connections.is_distributed

    def apart(self, *, pool_size: int, patient: bool = False) -> "Store":
        """Give another store on the same database, with connections of its own."""
        return Store(
            self.url.render_as_string(hide_password=False),
            pool_size=pool_size,
            patient=patient,
            pooler=self._pooler,
            lease_seconds=self.lease.seconds,
            command=self.command,
        )

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, whose pool the connections are from."""
        return self._connections.engine

    def keeping(self) -> contextlib.AbstractContextManager[None]:
        """Keep one connection for all units of work of this thread in the block, as a request has several.

        It is taken when it is first needed. Nothing that takes long may be in the block: others wait for it.
        """
        return self._connections.keeping()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give a connection on which each statement stands for itself.

        Raises:
            StoreUnavailable: the store did not answer in its time.
        """
        self._settling.is_over(self)
        with self._connections.faults_mapped(), self._connections.connected() as taken:
            yield taken.tx

    def read(self, statement: Statement[R], **values: Any) -> R | None:
        """Run one statement by itself, and give its first record.

        Raises:
            StoreUnavailable: the store did not answer in its time.
        """
        self._settling.is_over(self)
        return self._repeated(self._read, statement, values)

    def write(self, write: Write[R], **values: Any) -> R | None:
        """Run a write and commit; give the record by which it was decided, None where nothing was done.

        On PostgreSQL it is one statement, which is a transaction by itself, unless it locks something first.

        Raises:
            StoreUnavailable: the commit was not confirmed. What became of it is not known.
        """
        done = self.write_unsettled(write, **values)
        self._settle()
        return done

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run statements in one transaction, and commit.

        The database may ask for all of it once more, so `work` touches nothing but the transaction.

        Raises:
            StoreUnavailable: the commit was not confirmed. What became of it is not known.
        """
        done: T = self._repeated(self._transact, work)
        self._settle()
        return done

    def vouch(self, standing: str | None, tenant_id: int | None = None) -> None:
        """See to it that what was read may be believed, just before an answer by it leaves; see `Belief`."""
        self._belief.vouch(standing, tenant_id)

    def confirm(self, standing: str | None, tenant_id: int) -> None:
        """Wait for the standby with all that was read, where PostgreSQL has to wait for one; see `Belief`."""
        self._belief.confirm(standing, tenant_id)
        self._settle()

    @contextlib.contextmanager
    def opened(self, *, is_writing: bool = False) -> Iterator[Connection]:
        """Give an SQLAlchemy connection, for what looks at tables or changes them.

        Args:
            is_writing: whether it is in a transaction, that is committed at the end of the block.

        Raises:
            StoreUnavailable: the store did not answer, or did not confirm.
        """
        turn = self._turns.taken() if self._turns and is_writing else contextlib.nullcontext()
        with self._connections.faults_mapped(), turn, self.engine.connect() as connection:
            if not is_writing:
                yield connection
                return
            connection.exec_driver_sql(self._begin)
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.info.pop(COMMIT_IN_DOUBT, None)
            connection.exec_driver_sql("COMMIT")
            _refuse_doubt(connection.info)

    def adopt(self, connection: Connection) -> Transaction:
        """Take a transaction that is someone else's, who commits it; faults on it stay as they are.

        Raises:
            ValueError: it is none in which a revocation can be right, see `adopting`. Nothing was changed.
        """
        self._settling.is_over(self)
        return adopting.adopt(self.url, connection, self._settling)

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def _read(self, statement: Statement[R], values: dict[str, Any]) -> R | None:
        taken = self._connections.take()
        try:
            found: R | None = taken.tx.first(statement, **values)
        except BaseException as error:
            self._connections.release(taken, error)
            raise
        self._connections.release(taken)
        return found

    def write_unsettled(self, write: Write[R], **values: Any) -> R | None:
        """Do the same on a server of which nothing may be acknowledged yet."""
        is_unit = self.is_sqlite or write.lock is not None
        unit = self._write_in_unit if is_unit else self._write_at_once
        return cast("R | None", self._repeated(unit, write, values))

    def _write_in_unit(self, write: Write[R], values: dict[str, Any]) -> R | None:
        return self._transact(lambda tx: tx.write(write, **values), True)

    def _write_at_once(self, write: Write[R], values: dict[str, Any]) -> R | None:
        taken = self._connections.take()
        if taken.tx.unit is not None:
            self._connections.release(taken)
            return self._write_in_unit(write, values)
        try:
            info = taken.pooled.info
            info.pop(COMMIT_IN_DOUBT, None)
            started_at = time.monotonic()
            record: R | None = taken.tx.write(write, **values)
            _refuse_doubt(info)
        except BaseException as error:
            self._connections.release(taken, error)
            raise
        # Where nothing was written there was nothing for a standby to confirm.
        if record is not None:
            self.lease.renew(taken.tx.server, started_at)
        self._connections.release(taken)
        return record

    def _transact(self, work: Callable[[Transaction], T], is_one_write: bool = False) -> T:
        turn = self._turns.taken() if self._turns else contextlib.nullcontext()
        with turn, self._connections.connected() as taken:
            started_at = time.monotonic()
            try:
                taken.tx.begin()
                result = work(taken.tx)
                # PostgreSQL answers COMMIT without an error even where a failed statement has undone all.
                if taken.tx.is_aborted():
                    raise StoreUnavailable("A statement had failed, so there was nothing to commit.")
                taken.pooled.info.pop(COMMIT_IN_DOUBT, None)
                taken.tx.send("COMMIT")
            except BaseException:
                # What can't be taken back is seen when the connection is given back.
                with contextlib.suppress(*self._connections.faults):
                    taken.tx.send("ROLLBACK")
                raise
            _refuse_doubt(taken.pooled.info)
            if not self.is_sqlite:
                # Behind a pooler each unit of work may be on another server.
                self.lease.meet(taken.tx.server)
                if is_one_write and result is not None:
                    self.lease.renew(taken.tx.server, started_at)
            return result

    def let_go(self) -> None:
        """Give back the connection that this thread keeps; it takes another when it needs one."""
        self._connections.let_go()

    def _settle(self) -> None:
        """Let a lease go by on a server that was not known before, before anything is acknowledged."""
        seconds = self.lease.unsettled_seconds
        if seconds:
            self.let_go()
            time.sleep(seconds)

    def _repeated(self, unit: Callable[..., T], *arguments: Any) -> T:
        return repeated(self._connections, unit, *arguments)


def _refuse_doubt(info: Any) -> None:
    """Raise StoreUnavailable where PostgreSQL warned while a commit was under way."""
    if info.pop(COMMIT_IN_DOUBT, False):
        raise StoreUnavailable(
            "PostgreSQL warned while it committed: not all that were to confirm have done so.", "in doubt"
        )
