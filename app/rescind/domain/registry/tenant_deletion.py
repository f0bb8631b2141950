"""Take a tenant away, with all that is kept of it, when it has been closed."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.errors import Refused
from rescind.store import deleting
from rescind.store import tenants as rows
from rescind.store.records import TenantRecord

BATCH_ROWS = 1000
# To count millions takes longer than anybody wants to wait for a number that is old by then.
MOST_COUNTED = 100_000
# Of the time that a batch took, so much is left to others before the next.
_PAUSE_SHARE = 1.0


@dataclass(frozen=True, slots=True)
class Deleted:
    """One batch: how many rows of which table are gone."""

    table: str
    rows: int


def count(authority: Authority, name: str) -> tuple[int, bool]:
    """Count the rows of a closed tenant, up to `MOST_COUNTED`; and tell whether these are all.

    Raises:
        NotFound: there is no such tenant.
        Refused: it is open.
    """
    tenant, found = _closed(authority, name), 0
    for step in deleting.STEPS:
        with authority.store.reading() as tx:
            found += deleting.count(tx, tenant.id, step, limit=MOST_COUNTED + 1 - found)
        if found > MOST_COUNTED:
            return MOST_COUNTED, False
    return found, True


def delete(authority: Authority, name: str, *, batch_rows: int = BATCH_ROWS) -> Generator[Deleted]:
    """Delete all that is kept of a closed tenant batch by batch, and give what went as it goes.

    It may be stopped at any point, and goes on when it is started again. The name is free at the end. What
    was given under it before stays dead: another tenant of that name has another id.

    Raises:
        NotFound: there is no such tenant.
        Refused: it is open, or was opened meanwhile; what was given is gone all the same.
        StoreUnavailable: what was given is gone.
    """
    tenant = _closed(authority, name)
    for step in deleting.STEPS:
        yield from _empty(authority, tenant, step, batch_rows)
    if not authority.store.transact(lambda tx: rows.delete(tx, tenant.id, name)):
        raise Refused(f"The tenant {name} was opened or deleted meanwhile.")


def _closed(authority: Authority, name: str) -> TenantRecord:
    tenant = tenants.get(authority, name)
    if tenant.disabled_at is None:
        raise Refused(
            f"The tenant {name} is open: run {authority.store.command} tenant disable {name} first."
        )
    return tenant


def _empty(authority: Authority, tenant: TenantRecord, step: str, batch_rows: int) -> Iterator[Deleted]:
    first = after = deleting.first_key(step)
    while True:
        began = time.monotonic()
        batch = deleting.delete_batch(authority.store, tenant.id, step, after=after, limit=batch_rows)
        took_seconds = time.monotonic() - began
        if batch.gone:
            yield Deleted(step, batch.gone)
        if batch.gone < batch_rows and after == first:
            return
        # On from there, so that what has gone is not gone through again; and at the end once from the start.
        after = first if batch.last is None or batch.gone < batch_rows else batch.last
        time.sleep(took_seconds * _PAUSE_SHARE)
