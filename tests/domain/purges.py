"""Stores that are purged, and what is left in them."""

from sqlalchemy import Table, func, insert, select

from rescind.domain import clock, purging
from rescind.store import tables
from tests.servers import Server, Tenant

NOW = 1_800_000_000
DAY_SECONDS = 86_400


def rows(tenant: Tenant, *names: str) -> list[int]:
    """Count the rows of the tenant in some tables."""
    found = [tables.Base.metadata.tables[f"rescind.{name}"] for name in names]
    with tenant.server.authority.store.opened() as tx:
        counting = [
            select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
            for table in found
        ]
        return [tx.execute(each).scalar_one() for each in counting]


def event_ids(tenant: Tenant) -> list[str]:
    """List the records of revocations."""
    records = tables.revocations
    with tenant.server.authority.store.opened() as tx:
        return list(tx.execute(select(records.c.id).where(records.c.tenant_id == tenant.record.id)).scalars())


def write(tenant: Tenant, table: Table, *made: dict[str, object]) -> None:
    """Write rows of a tenant as they are given."""
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        tx.execute(insert(table), [{"tenant_id": tenant.record.id, **each} for each in made])


def purge_at(server: Server, at: int, *, batch_rows: int = 1000) -> list[purging.Purged]:
    """Purge at a time."""
    clock.set(at)
    return list(purging.purge(server.authority, batch_rows=batch_rows))


def gone(batches: list[purging.Purged]) -> dict[str, int]:
    """Sum up by table what went."""
    return {
        table: sum(batch.rows for batch in batches if batch.table == table)
        for table in {batch.table for batch in batches}
    }
