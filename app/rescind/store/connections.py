"""Connections of one process: taken for a unit of work, kept for a request, given back if in order.

A driver's faults leave here as `StoreUnavailable`, in words of ours.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Pool, PoolProxiedConnection, event

from rescind.errors import StoreUnavailable
from rescind.store import faults, postgresql
from rescind.store.drivers import is_idle, make_engine
from rescind.store.forks import call_in_child
from rescind.store.settling import Settling
from rescind.store.standing import Server
from rescind.store.transactions import OnPostgres, OnSqlite

log = logging.getLogger(__name__)


_TRANSACTION = "rescind_transaction"


@dataclass(slots=True)
class Taken:
    """A connection out of the pool, and what runs statements on it."""

    pooled: PoolProxiedConnection
    pool: Pool
    tx: Any


class _Kept(threading.local):
    """What a thread keeps: whether it keeps a connection at all, and the one that it has."""

    depth = 0
    taken: Taken | None = None


class Connections:
    """The pool of a store, and what its threads have out of it.

    Args:
        is_pooled: whether a pooler hands PostgreSQL's sessions out by the transaction.
        meet: told of the server that a new connection leads to.
        settling: of the store, which statements are told of.
        command: what whoever operates the store types for ours.
    """

    def __init__(
        self,
        url: URL,
        *,
        pool_size: int,
        is_patient: bool,
        is_pooled: bool,
        meet: Callable[[Server], None],
        settling: Settling,
        command: str,
    ) -> None:
        self._settling = settling
        self.engine = make_engine(url, pool_size=pool_size, patient=is_patient, is_pooled=is_pooled)
        self._command = command
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # A fault while a connection is being set up comes as the driver raised it.
        self.faults = faults.kinds(self.engine.dialect.loaded_dbapi)
        self._kept = _Kept()
        # Whether Citus distributes the store, as the last connection has found.
        self.is_distributed = False
        call_in_child(self._forget)
        if not self._is_sqlite:
            event.listen(self.engine, "connect", lambda _, record: self._note(record.info, meet))

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep one connection for all units of work of this thread in the block."""
        kept = self._kept
        kept.depth += 1
        try:
            yield
        finally:
            kept.depth -= 1
            if kept.depth == 0:
                self.let_go()

    @contextlib.contextmanager
    def connected(self) -> Iterator[Taken]:
        """Give a connection: the one that this thread keeps, or one for the block."""
        taken = self.take()
        try:
            yield taken
        except BaseException as error:
            self.release(taken, error)
            raise
        self.release(taken)

    def take(self) -> Taken:
        """Give a connection, as `connected` does; whoever takes one has to `release` it."""
        kept = self._kept
        taken = kept.taken or self._take()
        kept.taken = taken if kept.depth else None
        return taken

    def release(self, taken: Taken, error: BaseException | None = None) -> None:
        """Give a connection back, or keep it; with an error it is not known to be in order, and not kept."""
        kept = self._kept
        if error is None and kept.depth:
            return
        kept.taken = None
        if error is not None and faults.is_of_a_stale_plan(error):
            # Every connection has kept such plans, and would fail in the same way.
            self.engine.dispose()
        self._give_back(taken)

    def let_go(self) -> None:
        """Give back the connection that this thread keeps; it takes another when it needs one."""
        taken, self._kept.taken = self._kept.taken, None
        if taken is not None:
            self._give_back(taken)

    @contextlib.contextmanager
    def faults_mapped(self) -> Iterator[None]:
        """Raise StoreUnavailable for what the driver raises in the block, and log it."""
        try:
            yield
        except StoreUnavailable as error:
            self.mapped(error)
            raise
        except self.faults as error:
            raise self.mapped(error) from error

    def mapped(self, error: Exception) -> StoreUnavailable:
        """Give what the rest of the package knows a fault as, and log it."""
        if isinstance(error, StoreUnavailable):
            log.error("the store did not confirm: %s", error)
            return error
        log.error("the store did not confirm: %s", faults.describe(error))
        fault = faults.explain(error)
        text = faults.sentence(error, self._command)
        return StoreUnavailable(text, fault.kind, is_lasting=fault.is_lasting)

    def _note(self, info: Any, meet: Callable[[Server], None]) -> None:
        self.is_distributed = info[postgresql.IS_DISTRIBUTED]
        meet(info[postgresql.SERVER])

    def _take(self) -> Taken:
        pool = self.engine.pool
        pooled = self.engine.raw_connection()
        # As long as the connection: to make it anew for each unit costs as much as some statements.
        tx = pooled.info.get(_TRANSACTION)
        if tx is None:
            tx = pooled.info[_TRANSACTION] = self._transaction(pooled)
        if tx.young is not None:
            self._renew_plans(pooled, tx)
        return Taken(pooled, pool, tx)

    def _renew_plans(self, pooled: PoolProxiedConnection, tx: OnPostgres) -> None:
        try:
            if tx.young is not None and not tx.young.renew():
                tx.young = None
        except BaseException:
            pooled.invalidate()
            raise

    def _transaction(self, pooled: PoolProxiedConnection) -> Any:
        driver = pooled.driver_connection
        if self._is_sqlite:
            return OnSqlite(driver, self._settling)
        server, unit = pooled.info[postgresql.SERVER], pooled.info[postgresql.UNIT]
        return OnPostgres(driver, self._settling, server, unit=unit)

    def _give_back(self, taken: Taken) -> None:
        # One of a pool that was given up meanwhile is of no further use.
        if taken.pool is self.engine.pool and is_idle(taken.pooled.driver_connection):
            taken.pooled.close()
        else:
            taken.pooled.invalidate()

    def _forget(self) -> None:
        # Two processes on one connection would read each other's answers.
        self._kept = _Kept()
        self.engine.dispose(close=False)
