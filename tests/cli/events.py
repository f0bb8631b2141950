"""The rows of `revocations`, read as an auditor would: straight from the table."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from rescind.store.tables import revocations
from tests.servers import Server, Tenant


@dataclass(frozen=True)
class Events:
    """The event rows of a store."""

    server: Server

    def of(self, tenant: Tenant) -> list[dict[str, Any]]:
        """Read those of a tenant, oldest first."""
        statement = (
            select(revocations).where(revocations.c.tenant_id == tenant.record.id).order_by(revocations.c.id)
        )
        with self.server.authority.store.reading() as tx:
            return [dict(row) for row in tx.execute(statement).mappings()]
