"""Delete what can no longer matter, tenant by tenant, in batches small enough to stand beside traffic."""

from collections.abc import Iterator
from dataclasses import dataclass

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.store import purging, tenants

BATCH_ROWS = 1000
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Purged:
    """One batch: how many rows of which table of which tenant are gone."""

    tenant: str
    table: str
    rows: int


def due(authority: Authority) -> int:
    """Count the rows that can go now; a grant that waits for its tokens is not counted yet."""
    with authority.store.reading() as tx:
        return sum(
            purging.count(tx, tenant.id, step, before=_before(authority, step))
            for tenant in tenants.list_all(tx)
            for step in purging.STEPS
        )


def purge(authority: Authority, *, batch_rows: int = BATCH_ROWS) -> Iterator[Purged]:
    """Delete batch by batch, each in a transaction of its own, and give what went as it goes.

    It may be stopped and started at any point, and run beside itself.

    Raises:
        StoreUnavailable: what was given before is gone; the rest stays for the next run.
    """
    with authority.store.reading() as tx:
        known = tenants.list_all(tx)
    for tenant in known:
        for step in purging.STEPS:
            before = _before(authority, step)
            rows = batch_rows
            while rows >= batch_rows:
                with authority.store.writing() as tx:
                    rows = purging.delete_batch(tx, tenant.id, step, before=before, limit=batch_rows)
                if rows:
                    yield Purged(tenant.name, step, rows)


def _before(authority: Authority, step: str) -> int:
    kept_seconds = authority.settings.audit_days * _DAY_SECONDS if step == "revocations" else 0
    return clock.now() - kept_seconds
