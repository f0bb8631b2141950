"""Clients that came by themselves go when they are not used, and only then."""

from typing import Any

import pytest
from sqlalchemy import update

from rescind.domain import clock, purging
from rescind.domain.registry import clients, suspending
from rescind.errors import NotFound
from rescind.store import purging as statements
from rescind.store.tables import clients as rows
from tests import stores
from tests.domain import purges
from tests.protocol.registering import Registered, open_to
from tests.servers import CALLBACK, Server, Tenant

DAY_SECONDS = 86_400
# As long as a grant lives, and as such a client is kept without one.
DAYS = 30


@pytest.fixture
def registered(tenant: Tenant) -> Registered:
    """Give a client that has registered itself at a time that is set."""
    clock.set(purges.NOW)
    return Registered.at(
        open_to(tenant, "open"),
        token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=[CALLBACK, "http://localhost:6274/back"],
    )


def sweep(tenant: Tenant, days: float) -> None:
    """Purge a tenant as the hourly run does, when so many days are over; the store has many others."""
    clock.set(purges.NOW + int(days * DAY_SECONDS))
    store = tenant.server.authority.store
    for step in statements.STEPS:
        statements.delete_batch(
            store, tenant.record.id, step, since=0, limit=1000, client_kept_seconds=DAYS * DAY_SECONDS
        )


def is_there(registered: Registered) -> bool:
    """Tell whether there is a client of that id still."""
    authority = registered.tenant.server.authority
    try:
        clients.get(authority, registered.tenant.record, registered.told["client_id"])
    except NotFound:
        return False
    return True


def set_columns(registered: Registered, **columns: Any) -> None:
    """Write columns of a client's row."""
    with registered.tenant.server.authority.store.opened(is_writing=True) as connection:
        this = (rows.c.tenant_id == registered.tenant.record.id, rows.c.provenance == "registered")
        connection.execute(update(rows).where(*this).values(columns))


def test_one_that_is_not_used_goes_wholly_and_what_an_operator_registered_stays(
    registered: Registered,
) -> None:
    tenant = registered.tenant
    operators = tenant.new_client()
    sweep(tenant, DAYS - 0.1)
    assert is_there(registered)

    sweep(tenant, DAYS)

    assert not is_there(registered)
    assert registered.ask("GET").status_code == 401
    assert purges.rows(tenant, "clients", "client_origins") == [1, 0]
    clients.get(tenant.server.authority, tenant.record, operators.client_id)


def test_one_that_has_a_grant_is_kept_for_as_long_again_behind_it(registered: Registered) -> None:
    clock.set(purges.NOW + 10 * DAY_SECONDS)
    token = str(registered.client.issue("alice").refresh_token)
    sweep(registered.tenant, DAYS)
    assert registered.client.refresh(token).status_code == 200

    sweep(registered.tenant, 10 + DAYS + DAYS - 0.1)
    assert is_there(registered)
    sweep(registered.tenant, 10 + DAYS + DAYS)

    assert not is_there(registered)


def test_a_code_puts_it_off_before_it_is_redeemed(registered: Registered) -> None:
    clock.set(purges.NOW + DAYS * DAY_SECONDS)
    code = registered.client.mint_code()

    sweep(registered.tenant, DAYS)

    assert registered.client.exchange(code).status_code == 200


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_one_that_is_given_something_at_this_moment_is_not_swept(registered: Registered) -> None:
    store, tenant = registered.tenant.server.authority.store, registered.tenant
    clock.set(purges.NOW + DAYS * DAY_SECONDS)
    with stores.transaction(store) as tx:
        tx.send(
            "UPDATE rescind.clients SET sweep_at = sweep_at + 1000000 WHERE tenant_id = $1"
            " AND provenance IS NOT NULL",
            [tenant.record.id],
        )
        sweep(tenant, DAYS)

    sweep(tenant, DAYS)

    assert is_there(registered)


def test_one_that_was_deleted_goes_at_the_next_sweep(registered: Registered) -> None:
    registered.ask("DELETE")

    sweep(registered.tenant, 0)

    assert purges.rows(registered.tenant, "clients") == [0]


def test_one_that_an_operator_has_stopped_stays_so(registered: Registered) -> None:
    set_columns(registered, provenance="document", disabled_at=purges.NOW)

    sweep(registered.tenant, DAYS)

    assert is_there(registered)


def test_one_that_is_kept_out_before_it_comes_stays_out_until_it_is_enabled(tenant: Tenant) -> None:
    authority, url = tenant.server.authority, "https://app.example/client.json"
    clock.set(purges.NOW)
    suspending.keep_out(authority, tenant.record, url, actor="test")

    sweep(tenant, DAYS)

    assert clients.get(authority, tenant.record, url).disabled_at is not None
    suspending.enable(authority, tenant.record, url, actor="test")
    sweep(tenant, 2 * DAYS)
    assert purges.rows(tenant, "clients") == [0]


def test_a_flood_is_swept_by_purging_in_batches(server: Server, tenant: Tenant) -> None:
    clock.set(purges.NOW)
    flood = [Registered.at(open_to(tenant, "open")) for _ in range(5)]
    flood[2].client.issue("alice")
    clock.set(purges.NOW + DAYS * DAY_SECONDS - 1)
    rows_due, _ = purging.count_due(server.authority)
    clock.set(purges.NOW + DAYS * DAY_SECONDS)

    assert purging.count_due(server.authority)[0] == rows_due + 4
    batches = [
        each for each in purges.purge_at(server, clock.now(), batch_rows=2) if each.tenant == tenant.name
    ]

    assert [each.rows for each in batches if each.table == "clients"] == [2, 1, 1]
    assert [is_there(each) for each in flood] == [False, False, True, False, False]
