"""The rows of `revocations`, read as an auditor would: straight from the table."""

from typing import Any

from sqlalchemy import select

from rescind.store.tables import revocations
from tests.servers import Tenant


def event_rows(tenant: Tenant) -> list[dict[str, Any]]:
    """Read the event rows of a tenant, oldest first."""
    statement = select(revocations).where(revocations.c.tenant_id == tenant.record.id)
    with tenant.server.authority.store.opened() as tx:
        return [dict(row) for row in tx.execute(statement.order_by(revocations.c.id)).mappings()]
