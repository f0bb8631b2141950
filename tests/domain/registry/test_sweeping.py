"""Clients that came by themselves go when they are not used, and only then."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, update

from rescind.domain import clock, purging
from rescind.domain.registry import clients, suspending
from rescind.domain.registry.registration import DEVICE_CODE
from rescind.domain.tokens.issuing import Draft, draft
from rescind.errors import ClientDisabled, NotFound
from rescind.store import clients as rows_of_clients
from rescind.store import grants, sweeping
from rescind.store import purging as statements
from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.statements import plain
from rescind.store.tables import clients as rows
from tests import devices, stores
from tests.domain import purges
from tests.hot_requests import sent
from tests.protocol.registering import Registered, open_to
from tests.servers import CALLBACK, Server, Tenant, error_of

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


def drafted(registered: Registered) -> Draft:
    """Make a grant with its tokens that is yet to be written."""
    authorization = registered.client.authorization("alice")
    return draft(registered.tenant.server.authority, authorization, access_token_seconds=60)


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
    # As a worker of the version before leaves it.
    set_columns(registered, sweep_at=purges.NOW + DAYS * DAY_SECONDS)
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


def test_a_device_that_waits_puts_it_off_before_anybody_has_said_yes(registered: Registered) -> None:
    set_columns(registered, grant_types=(DEVICE_CODE,))
    clock.set(purges.NOW + DAYS * DAY_SECONDS)
    device = devices.begin(registered.client)

    sweep(registered.tenant, DAYS)

    assert error_of(devices.poll(registered.client, device)) == "authorization_pending"


def test_one_that_is_given_short_grants_is_kept_behind_the_last_to_the_day(registered: Registered) -> None:
    tenant = registered.tenant
    for day in (1, 2, 10):
        clock.set(purges.NOW + day * DAY_SECONDS)
        registered.client.issue(None, is_refreshable=False)
    sweep(tenant, 10 + DAYS)
    assert is_there(registered)

    sweep(tenant, 10.1 + DAYS)

    assert not is_there(registered)


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


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_grant_under_way_keeps_a_client_that_is_due(registered: Registered) -> None:
    store, tenant = registered.tenant.server.authority.store, registered.tenant
    clock.set(purges.NOW + DAYS * DAY_SECONDS)
    made = drafted(registered)
    with stores.transaction(store) as tx:
        assert grants.write_one(tx, tenant.record.id, made.grant, made.tokens, client_kept_seconds=1)
        sweep(tenant, DAYS)

    assert is_there(registered)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_client_that_is_swept_meanwhile_is_given_nothing(registered: Registered) -> None:
    store, tenant = registered.tenant.server.authority.store, registered.tenant
    clock.set(purges.NOW + DAYS * DAY_SECONDS)
    made = drafted(registered)
    with ThreadPoolExecutor(1) as pool:
        with stores.transaction(store) as tx:
            sweeping.sweep(tx, tenant.record.id, since=0, limit=10, kept_seconds=1)
            asked = pool.submit(
                grants.issue,
                store,
                tenant.record.id,
                [(made.grant, made.tokens)],
                client_kept_seconds=1,
            )
            with pytest.raises(TimeoutError):
                asked.result(0.3)
        with pytest.raises(ClientDisabled):
            asked.result(10)

    assert purges.rows(tenant, "grants", "tokens") == [0, 0]


def test_one_that_was_deleted_goes_when_no_code_or_form_of_it_is_left(registered: Registered) -> None:
    registered.ask("DELETE")

    sweep(registered.tenant, 0.9)
    assert purges.rows(registered.tenant, "clients") == [1]
    sweep(registered.tenant, 1)

    assert purges.rows(registered.tenant, "clients") == [0]


def test_an_id_that_comes_again_within_a_second_has_another_epoch(tenant: Tenant) -> None:
    clock.set(purges.NOW)
    client_id = tenant.new_client().client_id

    def epoch_anew(tx: Transaction) -> int:
        record = rows_of_clients.find(tx, tenant.record.id, client_id)
        assert record is not None
        this = (rows.c.tenant_id == TENANT_ID, rows.c.client_id == client_id)
        tx.rows(plain(delete(rows).where(*this)), tenant_id=tenant.record.id)
        return rows_of_clients.create(tx, tenant.record.id, record).epoch

    epochs = [tenant.server.authority.store.transact(epoch_anew) for _ in range(3)]

    assert len(set(epochs)) == 3


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


def test_a_flood_is_swept_in_small_batches_of_few_statements(
    server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Revocations of the clients of a batch wait for it.
    assert sweeping.MOST_AT_ONCE <= 50
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 2)
    clock.set(purges.NOW)
    open_to(tenant, "open")
    uris = [CALLBACK, "http://localhost:6274/back", "https://other.example/back"]
    flood = [Registered.at(tenant, token_endpoint_auth_method="none", redirect_uris=uris) for _ in range(5)]
    flood[2].client.issue("alice")
    clock.set(purges.NOW + DAYS * DAY_SECONDS - 1)
    rows_due, _ = purging.count_due(server.authority)
    clock.set(purges.NOW + DAYS * DAY_SECONDS)

    # Rows of other tests' tenants may come due in this second, too.
    assert purging.count_due(server.authority)[0] >= rows_due + 4
    with sent() as statements:
        purged = purges.purge_at(server, clock.now())
    batches = [each for each in purged if each.tenant == tenant.name]

    assert [each.rows for each in batches if each.table == "clients"] == [2, 2]
    assert [is_there(each) for each in flood] == [False, False, True, False, False]
    assert purges.rows(tenant, "client_origins") == [3]
    assert len([each for each in statements if "DELETE" in each and "client_origins" in each]) == 2
