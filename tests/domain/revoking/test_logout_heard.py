"""Which clients hear of an end: known by what they were given, also when that is purged."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from rescind.domain import clock, purging
from rescind.domain.people import sessions
from rescind.domain.registry import clients, tenants
from rescind.domain.revoking.epochs import of_subject
from rescind.domain.revoking.selectors import Subject
from rescind.store import sessions as session_rows
from rescind.store.engine import Store
from rescind.store.tables import grants, session_clients
from tests.domain.revoking.logouts import (
    NOW,
    deliver,
    listening_client,
    revoke,
    sign_in_to,
    sign_out,
)
from tests.receivers import Receiver
from tests.servers import Client, Server, Tenant
from tests.store.apart import serving

HOUR_SECONDS = 3600
SESSION_SECONDS = 8 * HOUR_SECONDS


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    with serving(own_url, tmp_path) as server:
        yield server
    clock.set(None)


@pytest.fixture
def short_lived(tenant: Tenant, receiver: Receiver) -> Client:
    """Give a client that gets no refresh tokens, so that its grants are over with their access token."""
    return tenant.new_client(
        scope="openid read", grant_types=("authorization_code",), backchannel_logout_uri=receiver.uri
    )


def told(tenant: Tenant, *, at: int) -> list[str]:
    """Deliver, and give the clients that were told, one entry a logout token."""
    return sorted(each.client_id for each in deliver(tenant, at=at) if each.done)


def purge(tenant: Tenant, *, at: int) -> int:
    """Purge at a time, and count the grants that are left."""
    clock.set(at)
    list(purging.purge(tenant.server.authority))
    with tenant.server.authority.store.opened() as connection:
        of_tenant = select(func.count()).where(grants.c.tenant_id == tenant.record.id)
        return int(connection.execute(of_tenant).scalar_one())


def redeem(client: Client, sid: str, *, scope: str = "openid read") -> None:
    """Give a client a grant of a session by a code."""
    reply = client.exchange(client.mint_code("alice", tuple(scope.split()), session_sid=sid))
    assert reply.status_code == 200, reply.text


@pytest.mark.requirement("BCL-01")
def test_a_client_hears_of_the_end_of_a_session_when_its_grant_is_gone_long_before(
    tenant: Tenant, short_lived: Client
) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS)
    redeem(short_lived, sid)
    later = NOW + SESSION_SECONDS - HOUR_SECONDS

    left = purge(tenant, at=later)
    sign_out(tenant, sid)

    assert left == 0
    assert told(tenant, at=later) == [short_lived.client_id]


@pytest.mark.requirement("BCL-01")
def test_a_client_hears_as_long_as_its_session_goes_on_by_other_sign_ins(
    tenant: Tenant, short_lived: Client
) -> None:
    authority = tenant.server.authority
    sid = tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS)
    redeem(short_lived, sid)
    again = NOW + SESSION_SECONDS - HOUR_SECONDS
    clock.set(again)
    with authority.store.reading() as tx:
        known = session_rows.find(tx, tenant.record.id, sid)
    record = tenants.get(authority, tenant.name)
    goes_on, _ = sessions.open_session(
        authority,
        record,
        "alice",
        subject_epoch=of_subject(authority, record.id, "alice"),
        lifetime_seconds=SESSION_SECONDS,
        replaces=known,
    )
    later = again + SESSION_SECONDS - HOUR_SECONDS

    left = purge(tenant, at=later)
    sign_out(tenant, sid)

    assert goes_on == sid
    assert left == 0
    assert told(tenant, at=later) == [short_lived.client_id]


@pytest.mark.requirement("BCL-01")
def test_the_end_of_a_subject_is_heard_also_of_sessions_whose_grants_are_gone(
    tenant: Tenant, short_lived: Client
) -> None:
    redeem(short_lived, tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS))
    later = NOW + SESSION_SECONDS - HOUR_SECONDS

    left = purge(tenant, at=later)
    revoke(tenant, Subject(tenant.name, "alice"))

    assert left == 0
    assert told(tenant, at=later) == [short_lived.client_id]


def test_who_was_to_hear_is_forgotten_with_the_session(tenant: Tenant, short_lived: Client) -> None:
    redeem(short_lived, tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS))

    purge(tenant, at=NOW + SESSION_SECONDS + 2 * HOUR_SECONDS)

    with tenant.server.authority.store.opened() as connection:
        of_tenant = select(func.count()).where(session_clients.c.tenant_id == tenant.record.id)
        assert connection.execute(of_tenant).scalar_one() == 0


def test_a_client_that_registers_its_address_after_it_was_given_something_hears(
    tenant: Tenant, receiver: Receiver
) -> None:
    client = listening_client(tenant, None)
    sid = sign_in_to(client)
    clients.update(
        tenant.server.authority, tenant.record, client.client_id, backchannel_logout_uri=receiver.uri
    )

    sign_out(tenant, sid)

    assert told(tenant, at=NOW) == [client.client_id]


@pytest.mark.parametrize("is_settled", [True, False])
def test_a_client_that_is_deleted_when_the_session_ends_does_not_hear(
    tenant: Tenant, listener: Client, is_settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "is_settled", is_settled)
    sid = sign_in_to(listener)
    clients.delete(tenant.server.authority, tenant.record, listener.client_id, actor="operator:test")

    sign_out(tenant, sid)

    assert deliver(tenant) == []


@pytest.mark.parametrize("is_settled", [True, False])
def test_a_client_with_many_grants_hears_once(
    tenant: Tenant, listener: Client, is_settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "is_settled", is_settled)
    sid = tenant.new_session("alice")
    for scope in ("openid read", "openid offline_access", "openid"):
        redeem(listener, sid, scope=scope)

    sign_out(tenant, sid)
    of_session = told(tenant, at=NOW)
    revoke(tenant, Subject(tenant.name, "alice"))
    of_subject = told(tenant, at=NOW)

    assert of_session == of_subject == [listener.client_id]


def _session(tenant: Tenant, sid: str) -> None:
    sign_out(tenant, sid)


def _subject(tenant: Tenant, sid: str) -> None:
    revoke(tenant, Subject(tenant.name, "alice"))


@pytest.mark.parametrize("end", [_session, _subject], ids=["session", "subject"])
@pytest.mark.parametrize("scope", ["openid read", "openid offline_access"], ids=["bound", "offline"])
def test_beside_workers_of_the_version_before_a_client_hears_by_what_these_write(
    tenant: Tenant,
    listener: Client,
    end: Callable[[Tenant, str], None],
    scope: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sid = sign_in_to(listener, scope=scope)
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        connection.execute(delete(session_clients).where(session_clients.c.tenant_id == tenant.record.id))
    monkeypatch.setattr(Store, "is_settled", False)

    end(tenant, sid)

    assert told(tenant, at=NOW) == [listener.client_id]
