"""A code that is redeemed while its session or its subject ends: its client is told, or gets nothing."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from rescind.domain.registry import clients, tenants
from rescind.domain.revoking import revocation
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.selectors import Selector, Session, Subject
from rescind.domain.tokens import codes
from rescind.domain.tokens.codes import Redemption
from rescind.store.engine import Store
from rescind.store.tables import deliveries
from tests import stores
from tests.domain.revoking.logouts import listening_client, revoke
from tests.patience import LONG_SECONDS
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of

WAITS_SECONDS = 0.3
SCOPES = {"bound": ("openid", "read"), "offline": ("openid", "offline_access")}


class Within:
    """A store whose writes are part of a transaction that a test holds open."""

    def __init__(self, store: Store, tx: Any) -> None:
        self._store = store
        self.write = tx.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def listening(tenant: Tenant) -> Client:
    """Give a client that is to hear of logouts, where nobody sends them."""
    return listening_client(tenant, "https://app.example/out")


@pytest.fixture(params=SCOPES)
def scope(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Give what dies with its session, and what outlives it."""
    return SCOPES[request.param]


@pytest.fixture(params=["session", "subject"])
def end(request: pytest.FixtureRequest, tenant: Tenant, sid: str) -> Selector:
    """Give what ends."""
    return Session(tenant.name, sid) if request.param == "session" else Subject(tenant.name, "alice")


@pytest.fixture
def sid(tenant: Tenant) -> str:
    return tenant.new_session("alice")


def redeem(client: Client, code: str, tx: Any) -> None:
    """Redeem a code in a transaction that is left open."""
    authority, tenant = client.tenant.server.authority, client.tenant.record
    within: Any = Within(authority.store, tx)
    codes.redeem(
        replace(authority, store=within),
        tenants.get(authority, tenant.name),
        clients.get(authority, tenant, client.client_id),
        Redemption(code, CALLBACK, VERIFIER),
        codes.look_up(authority, tenant.id, code),
    )


def has_to_wait(second: Future[Any]) -> None:
    with pytest.raises(TimeoutError):
        second.result(timeout=WAITS_SECONDS)


def told(tenant: Tenant) -> list[str]:
    """Give the clients that are to be told."""
    with tenant.server.authority.store.opened() as connection:
        rows = connection.execute(
            select(deliveries.c.client_id).where(deliveries.c.tenant_id == tenant.record.id)
        )
        return [client_id for (client_id,) in rows]


@pytest.mark.requirement("BCL-01")
def test_an_end_waits_for_a_redemption_that_is_under_way_and_its_client_is_told(
    tenant: Tenant, listening: Client, sid: str, scope: tuple[str, ...], end: Selector
) -> None:
    code = listening.mint_code("alice", scope, session_sid=sid)

    with ThreadPoolExecutor(1) as pool:
        with stores.transaction(tenant.server.authority.store) as tx:
            redeem(listening, code, tx)
            ending = pool.submit(revoke, tenant, end)
            has_to_wait(ending)
        ended = ending.result(timeout=LONG_SECONDS)

    assert ended.revoked
    assert told(tenant) == [listening.client_id]


@pytest.mark.requirement("BCL-01")
def test_a_redemption_that_comes_while_an_end_is_under_way_waits_and_gets_nothing(
    tenant: Tenant, listening: Client, sid: str, scope: tuple[str, ...], end: Selector
) -> None:
    authority = tenant.server.authority
    code = listening.mint_code("alice", scope, session_sid=sid)

    with ThreadPoolExecutor(1) as pool:
        with stores.transaction(authority.store) as tx:
            revocation.revoke_within(authority, tx, end, Cause("test", actor="operator:test"))
            exchange = pool.submit(listening.exchange, code)
            has_to_wait(exchange)
        reply = exchange.result(timeout=LONG_SECONDS)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert told(tenant) == []


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_host_that_ends_something_in_its_own_transaction_waits_as_well(
    tenant: Tenant, listening: Client, sid: str, end: Selector
) -> None:
    authority = tenant.server.authority
    code = listening.mint_code("alice", ("openid",), session_sid=sid)

    def end_within() -> None:
        with engine.begin() as connection:
            cause = Cause("test", actor="host:test")
            revocation.revoke_within(authority, authority.store.adopt(connection), end, cause)

    engine = create_engine(authority.store.url)
    with ThreadPoolExecutor(1) as pool:
        with stores.transaction(authority.store) as tx:
            redeem(listening, code, tx)
            ending = pool.submit(end_within)
            has_to_wait(ending)
        ending.result(timeout=LONG_SECONDS)
    engine.dispose()

    assert told(tenant) == [listening.client_id]
