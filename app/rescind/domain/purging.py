"""Delete what can no longer matter, tenant by tenant, in batches small enough to stand beside traffic."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.errors import StoreUnavailable
from rescind.store import purging, tenants
from rescind.store.records import TenantRecord

BATCH_ROWS = 1000
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Purged:
    """One batch: how many rows of which table of which tenant are gone."""

    tenant: str
    table: str
    rows: int


def due(authority: Authority) -> int:
    """Count the rows that can go now, of each table of each tenant up to `purging.MOST_COUNTED`.

    A grant that waits for its tokens is not counted yet.
    """
    rows = 0
    for tenant, step in _jobs(authority):
        # Each is a unit of work of its own: with many tenants one would not end in its time.
        with authority.store.reading() as tx:
            rows += purging.count(tx, tenant.id, step)
    return rows


def kept_since(authority: Authority, now: int) -> int:
    """Tell since when it is still known, at a time, what was ended by a decision, be it long over."""
    return now - authority.settings.audit_days * _DAY_SECONDS


def purge(authority: Authority, *, batch_rows: int = BATCH_ROWS) -> Iterator[Purged]:
    """Delete batch by batch, each in a transaction of its own, and give what went as it goes.

    It may be stopped and started at any point, and run beside itself.

    Raises:
        StoreUnavailable: what was given is gone. A table of a tenant that takes too long does not keep the
            others from their turn; that it did is raised when they have had it.
    """
    fault: StoreUnavailable | None = None
    for tenant, step in _jobs(authority):
        try:
            yield from _purge_table(authority, tenant, step, batch_rows)
        except StoreUnavailable as error:
            fault = error
    if fault is not None:
        raise fault


def _purge_table(authority: Authority, tenant: TenantRecord, step: str, batch_rows: int) -> Iterator[Purged]:
    rows = batch_rows
    while rows >= batch_rows:
        rows = authority.store.transact(
            lambda tx: purging.delete_batch(tx, tenant.id, step, limit=batch_rows)
        )
        if rows:
            yield Purged(tenant.name, step, rows)


def _jobs(authority: Authority) -> Iterator[tuple[TenantRecord, str]]:
    with authority.store.reading() as tx:
        known = tenants.list_all(tx)
    return itertools.product(known, purging.STEPS)
