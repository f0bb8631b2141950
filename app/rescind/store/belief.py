"""Whether what a store says is to be believed: leases on the servers that it was read from, see `lease`."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, select, true

from rescind.errors import StoreUnavailable
from rescind.store.lease import LAPSED, Lease
from rescind.store.standing import CONFIRM, Server
from rescind.store.writes import Write

R = TypeVar("R")

log = logging.getLogger(__name__)

# Only a transaction that has written something to the log waits for a standby; this is the least there is.
_BEAT: Write[Any] = Write(select(func.pg_logical_emit_message(true(), "rescind", "").label("at")))


class _Store(Protocol):
    @property
    def is_distributed(self) -> bool: ...
    def write_unsettled(self, write: Write[R], **values: Any) -> R | None: ...
    def let_go(self) -> None: ...
    def dispose(self) -> None: ...


class Belief:
    """What one store may say.

    Args:
        lease_seconds: how long what was read is believed after a confirmed write.
    """

    def __init__(self, lease_seconds: float, store: _Store) -> None:
        self._store = store
        self.lease = Lease(lease_seconds, self._beat)

    def vouch(self, standing: str | None, tenant_id: int | None) -> None:
        """See to it that what was read may be believed, just before an answer by it leaves.

        Args:
            standing: the server that it was read on, as the read itself has told.
            tenant_id: whose it is, as with Citus each may be on another server.

        Raises:
            StoreUnavailable: another server may be the primary by now.
        """
        if not self.lease.holds(standing):
            self._await(self.lease.regain, str(standing), tenant_id)

    def confirm(self, standing: str | None, tenant_id: int) -> None:
        """Wait for the standby with all that was read, where PostgreSQL has to wait for one.

        A commit that no standby confirmed is answered with a fault, and is seen on this machine all the same.
        Whoever reports what it sees as done therefore waits for one more commit, behind it.

        Args:
            standing: the server that it was read on, as the read itself has told.
            tenant_id: whose it is.

        Raises:
            StoreUnavailable: the standby did not confirm.
        """
        if standing is not None:
            self._await(self.lease.confirm, standing, tenant_id)

    def _await(self, wait: Callable[[str], None], standing: str, tenant_id: int | None) -> None:
        self._store.let_go()
        try:
            if tenant_id is None or not self._store.is_distributed:
                wait(standing)
            else:
                self._reach(standing, tenant_id)
        except StoreUnavailable as error:
            log.error("the store is not believed: %s", error)
            # New connections may lead to another server, which is the primary now.
            self._store.dispose()
            raise

    def _beat(self) -> None:
        """Have the log of the server grow by the least there is, and be confirmed."""
        self._store.write_unsettled(_BEAT)

    def _reach(self, standing: str, tenant_id: int) -> None:
        """Have the server confirm that has the tenant's rows."""
        self.lease.note(standing)
        started_at = time.monotonic()
        found = self._store.write_unsettled(CONFIRM, tenant_id=tenant_id)
        if found is None or found[1] != standing:
            raise StoreUnavailable(*LAPSED)
        self.lease.renew(Server(standing, has_standby=True), started_at)
