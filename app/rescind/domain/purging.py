"""Delete what can no longer matter, tenant by tenant, in batches small enough to stand beside traffic.

One worker at a time does it. What ends and when is the store's to say; see `rescind.store.purging`.
"""

import contextlib
import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.secrets import new_id
from rescind.errors import AlreadyPurging, StoreUnavailable
from rescind.store import duties, purging
from rescind.store.purging import Due

log = logging.getLogger(__name__)

DUTY = "purge"
BATCH_ROWS = 1000
# Read in one statement, with each table asked for one row of each.
PAGE_TENANTS = 250
# To count millions takes longer than anybody wants to wait for a number that is old by then.
MOST_COUNTED = 100_000
# Longer than a batch can take; a worker that was killed keeps the others waiting for no longer.
LEASE_SECONDS = 60
_RENEWED_AFTER_SECONDS = 10
# Of the time that a batch took, so much is left to others before the next.
_PAUSE_SHARE = 1.0
# So many faults in a row are not those of single tables.
_MOST_FAULTS = 2 * len(purging.STEPS)
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Purged:
    """One batch: how many rows of which table of which tenant are gone."""

    tenant: str
    table: str
    rows: int


def count_due(authority: Authority, *, is_distributed: bool | None = None) -> tuple[int, bool]:
    """Count the rows that can go now, up to `MOST_COUNTED`; and tell whether these are all."""
    rows = 0
    for due in _due(authority, is_distributed):
        for step in due.since:
            # Each is a unit of work of its own: with many tenants one would not end in its time.
            with authority.store.reading() as tx:
                rows += purging.count(tx, due.tenant_id, step, limit=MOST_COUNTED - rows)
            if rows >= MOST_COUNTED:
                return rows, False
    return rows, True


def kept_since(authority: Authority, now: int) -> int:
    """Tell since when it is still known, at a time, what was ended by a decision, be it long over."""
    return now - authority.settings.audit_days * _DAY_SECONDS


def purge(
    authority: Authority, *, batch_rows: int = BATCH_ROWS, is_distributed: bool | None = None
) -> Generator[Purged]:
    """Delete batch by batch, each in a transaction of its own, and give what went as it goes.

    It may be stopped and started at any point. Disabled tenants have their turn too.

    Args:
        is_distributed: whether the tables are spread over several machines by tenant; then each tenant is
            asked by itself what is due of its own. None where the store is to say.

    Raises:
        AlreadyPurging: another worker does it.
        StoreUnavailable: what was given is gone. A table of a tenant that takes too long does not keep the
            others from their turn; that it did is raised when they have had it.
    """
    with _on_duty(authority) as duty:
        faults = _Faults()
        for due in _due(authority, is_distributed):
            for step, since in due.since.items():
                with faults.noted():
                    yield from _purge_table(authority, duty, due, step, since, batch_rows)
        faults.tell()


class _Duty:
    """The right to purge, that one worker has at a time. It has to be claimed again before it ends."""

    def __init__(self, authority: Authority) -> None:
        self._store = authority.store
        self._worker = new_id()
        self._claimed_at = float("-inf")

    def claim(self) -> None:
        """Take it, or keep it.

        Raises:
            AlreadyPurging: another has it, perhaps as this one has come to a halt meanwhile.
        """
        now = time.monotonic()
        if now - self._claimed_at < _RENEWED_AFTER_SECONDS:
            return
        if not duties.take(self._store, DUTY, self._worker, seconds=LEASE_SECONDS):
            raise AlreadyPurging
        self._claimed_at = now

    def give_up(self) -> None:
        """Let another have it. If that fails, it ends by its time."""
        with contextlib.suppress(StoreUnavailable):
            duties.give_up(self._store, DUTY, self._worker)


@contextlib.contextmanager
def _on_duty(authority: Authority) -> Iterator[_Duty]:
    duty = _Duty(authority)
    duty.claim()
    try:
        yield duty
    finally:
        duty.give_up()


@dataclass
class _Faults:
    """Tables that took too long, of which one is no reason to leave the others as they are."""

    last: StoreUnavailable | None = None
    in_a_row: int = 0

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note a fault of the block, and raise it where there are too many to be of single tables."""
        try:
            yield
        except StoreUnavailable as error:
            self.last = error
            self.in_a_row += 1
            if self.in_a_row >= _MOST_FAULTS:
                raise
        else:
            self.in_a_row = 0

    def tell(self) -> None:
        """Raise the last fault, if there was one."""
        if self.last is not None:
            raise self.last


def _purge_table(
    authority: Authority, duty: _Duty, due: Due, step: str, since: int, batch_rows: int
) -> Iterator[Purged]:
    limit = purging.most_at_once(step, batch_rows)
    while True:
        duty.claim()
        began = time.monotonic()
        batch = purging.delete_batch(
            authority.store,
            due.tenant_id,
            step,
            since=since,
            limit=limit,
            client_kept_seconds=authority.registered_client_seconds,
        )
        took_seconds = time.monotonic() - began
        if batch.gone:
            yield Purged(due.tenant, step, batch.gone)
        if batch.until is None or batch.looked_at < limit:
            return
        # Never twice at rows that stay: those of the same second are left for the next time.
        since = batch.until if batch.gone or batch.until > since else since + 1
        time.sleep(took_seconds * _PAUSE_SHARE)


def _due(authority: Authority, is_distributed: bool | None) -> Iterator[Due]:
    """Go through all tenants, page by page, for what is due of theirs; most have nothing."""
    # Workers of the version before do not say, when they end or renew a row, for how much longer it matters.
    if not authority.store.is_settled:
        return
    if is_distributed is None:
        is_distributed = authority.store.is_distributed
    after = 0
    while True:
        page = _page(authority, after, is_distributed)
        yield from page
        if len(page) < PAGE_TENANTS:
            return
        after = page[-1].tenant_id


def _page(authority: Authority, after: int, is_distributed: bool) -> list[Due]:
    if not is_distributed:
        try:
            with authority.store.reading() as tx:
                return purging.find_due(tx, after=after, limit=PAGE_TENANTS)
        except StoreUnavailable:
            log.warning("what is due of %d tenants took too long to find; asking one by one", PAGE_TENANTS)
    with authority.store.reading() as tx:
        known = purging.list_tenants(tx, after=after, limit=PAGE_TENANTS)
    return [_due_of(authority, each) for each in known]


def _due_of(authority: Authority, known: Due) -> Due:
    try:
        with authority.store.reading() as tx:
            return purging.find_due_of(tx, known.tenant_id)
    except StoreUnavailable:
        # Where one table takes too long to look through, the others are to have their turn.
        return known
