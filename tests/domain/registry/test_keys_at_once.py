"""Two workers at the keys of one tenant: the second waits, and goes by what the first has committed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.registry import keys
from rescind.errors import Refused
from rescind.store import keys as rows
from rescind.store.engine import Transaction
from rescind.store.key_records import SigningKeyRecord
from tests import stores
from tests.patience import LONG_SECONDS
from tests.servers import Server, Tenant

NOW = 1_800_000_000
WAITS_SECONDS = 1


@pytest.fixture
def authority(server: Server) -> Authority:
    """Give the authority, with its clock stopped."""
    clock.set(NOW)
    return server.authority


@pytest.fixture
def made(authority: Authority, other_tenant: Tenant) -> SigningKeyRecord:
    """Give a key as a worker has made it, to be written."""
    keys.public_jwks(authority, other_tenant.record.id)
    with authority.store.reading() as tx:
        (row,) = rows.kept(tx, other_tenant.record.id)
    return row


@contextmanager
def while_waiting(
    authority: Authority, tenant: Tenant, act: Callable[[], Any]
) -> Iterator[tuple[Transaction, Future[Any]]]:
    """Have the turn at a tenant's keys while another worker acts, who must not come to an end before us."""
    with ThreadPoolExecutor(1) as pool, stores.transaction(authority.store) as tx:
        rows.take_turn(tx, tenant.record.id)
        second = pool.submit(act)
        with pytest.raises(TimeoutError):
            second.result(timeout=WAITS_SECONDS)
        yield tx, second


@pytest.mark.requirement("OID-08")
def test_the_second_to_need_a_first_key_takes_that_of_the_first(
    authority: Authority, tenant: Tenant, made: SigningKeyRecord
) -> None:
    tenant_id = tenant.record.id

    with while_waiting(authority, tenant, lambda: keys.signing_key(authority, tenant_id)) as (tx, second):
        rows.add(tx, tenant_id, made)

    assert second.result(timeout=LONG_SECONDS).kid == made.kid
    assert [key["kid"] for key in keys.public_jwks(authority, tenant_id)["keys"]] == [made.kid]


@pytest.mark.requirement("OID-08")
def test_the_second_to_rotate_is_refused_by_what_the_first_did(
    authority: Authority, tenant: Tenant, made: SigningKeyRecord
) -> None:
    tenant_id = tenant.record.id
    pending = replace(made, kid="pending", signs_from=NOW + 600)

    with while_waiting(authority, tenant, lambda: keys.rotate(authority, tenant.record)) as (tx, second):
        rows.add(tx, tenant_id, made)
        rows.add(tx, tenant_id, pending)

    with pytest.raises(Refused, match="pending is published"):
        second.result(timeout=LONG_SECONDS)
    assert len(keys.public_jwks(authority, tenant_id)["keys"]) == 2
