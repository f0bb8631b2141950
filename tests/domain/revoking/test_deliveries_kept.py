"""Purging of the outbox: nothing goes that is still to be told, nor the record that it is about."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.store.tables import deliveries, revocations
from tests.domain.revoking.logouts import (
    NOW,
    deliver,
    deliver_to_the_end,
    listening_client,
    sign_in_to,
    sign_out,
)
from tests.receivers import Receiver
from tests.servers import Server, Tenant
from tests.store.apart import serving

DAY_SECONDS = 86_400
AUDIT_DAYS = 30


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    with serving(own_url, tmp_path, audit_days=AUDIT_DAYS) as server:
        yield server


def rows_after_purge(tenant: Tenant, *, at: int) -> tuple[int, int]:
    """Purge at a time, and count the deliveries and the records of revocations that are left."""
    clock.set(at)
    list(purging.purge(tenant.server.authority))
    with tenant.server.authority.store.opened() as tx:
        of_tenant = (
            select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
            for table in (deliveries, revocations)
        )
        left, records = (int(tx.execute(each).scalar_one()) for each in of_tenant)
    return left, records


@pytest.mark.requirement("LOG-04")
def test_what_is_not_delivered_is_kept_and_then_delivered(tenant: Tenant, receiver: Receiver) -> None:
    sign_out(tenant, sign_in_to(listening_client(tenant, receiver.uri)))

    left = rows_after_purge(tenant, at=NOW + 10 * AUDIT_DAYS * DAY_SECONDS)

    assert left == (1, 1)
    assert [each.done for each in deliver(tenant, at=NOW + 10 * AUDIT_DAYS * DAY_SECONDS)] == [True]


@pytest.mark.requirement("LOG-04")
@pytest.mark.parametrize("status", [200, 500], ids=["delivered", "given up"])
def test_what_is_over_goes_with_its_record_after_the_days_that_are_set(
    tenant: Tenant, receiver: Receiver, status: int
) -> None:
    receiver.answer(*[status] * 100)
    sign_out(tenant, sign_in_to(listening_client(tenant, receiver.uri)))
    deliver_to_the_end(tenant)
    over_at = clock.now()

    early = rows_after_purge(tenant, at=over_at + AUDIT_DAYS * DAY_SECONDS - 1)
    late = rows_after_purge(tenant, at=over_at + AUDIT_DAYS * DAY_SECONDS)

    assert early == (1, 1)
    assert late == (0, 0)
