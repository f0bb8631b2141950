"""A row that is lost revives nothing: what was given under it has ended, also once the row is made anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from rescind.domain import clock, upgrading
from rescind.domain.people import users
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import Cause
from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import clients, sessions, subjects
from tests import stores
from tests.servers import Client, Server, Tenant, error_of
from tests.store.apart import serving


def lose(tenant: Tenant, table: object) -> None:
    """Lose all rows of a table that a tenant has."""
    losing = plain(delete(table).where(table.c.tenant_id == TENANT_ID))  # type: ignore[attr-defined, arg-type]
    tenant.server.authority.store.transact(lambda tx: tx.rows(losing, tenant_id=tenant.record.id))


def given(client: Client) -> list[str]:
    """Give a client tokens about a subject: of a session, and of what has none."""
    sid = client.tenant.new_session("alice")
    bound = client.exchange(client.mint_code(session_sid=sid)).json()
    issued = client.issue("alice")
    return [bound["access_token"], bound["refresh_token"], issued.access_token, str(issued.refresh_token)]


def are_active(client: Client, tokens: list[str]) -> list[bool]:
    return [client.is_active(token) for token in tokens]


@pytest.mark.parametrize("is_revoked", [False, True], ids=["never revoked", "revoked before"])
def test_the_row_of_a_subject(client: Client, is_revoked: bool) -> None:
    tenant = client.tenant
    old = given(client)
    if is_revoked:
        selector = selectors.Subject(tenant.name, "alice")
        revocation.revoke(tenant.server.authority, selector, Cause("test", "operator:test"))
    tokens = given(client)
    code = client.mint_code("alice", session_sid=tenant.new_session("alice"))
    before = are_active(client, tokens)

    lose(tenant, subjects)
    lost = are_active(client, tokens + old)
    refused = client.refresh(tokens[-1]), client.exchange(code)
    # The person comes back.
    anew = given(client)

    assert before == [True] * 4
    assert lost == [False] * 8
    assert [error_of(each) for each in refused] == ["invalid_grant"] * 2
    assert are_active(client, tokens + old) == [False] * 8
    assert error_of(client.exchange(code)) == "invalid_grant"
    assert are_active(client, anew) == [True] * 4


def test_the_row_of_a_session(client: Client) -> None:
    tokens = given(client)

    lose(client.tenant, sessions)

    assert are_active(client, tokens) == [False, False, True, True]


def test_the_row_of_a_client(client: Client, resource_server: Client) -> None:
    tenant = client.tenant
    clock.set(clock.now())
    tokens = given(client)[::2]
    before = are_active(resource_server, tokens)

    lose(tenant, clients)
    observer = tenant.new_client(is_resource_server=True)
    lost = are_active(observer, tokens)
    clock.set(clock.now() + 1)
    again = tenant.new_client(client_id=client.client_id)

    assert (before, lost) == ([True] * 2, [False] * 2)
    assert are_active(observer, tokens) == [False] * 2
    assert are_active(again, given(again)) == [True] * 4


@pytest.fixture
def unsettled(own_url: str, tmp_path: Path) -> Iterator[Tenant]:
    """Give a tenant on a store that workers of the version before may use still."""
    with serving(own_url, tmp_path) as server:
        unsettle(server)
    with serving(own_url, tmp_path) as server:
        yield server.new_tenant()


def unsettle(server: Server) -> None:
    """Let a store be one between the two steps."""
    schema = "" if server.authority.store.is_sqlite else "rescind."
    with server.authority.store.opened(is_writing=True) as connection:
        connection.execute(text(stores.UNSETTLE.format(schema=schema)))


def test_the_version_before_has_no_row_for_who_was_never_revoked_and_the_last_step_makes_it(
    unsettled: Tenant,
) -> None:
    authority, client = unsettled.server.authority, unsettled.new_client()
    users.create(authority, unsettled.record, "bob")
    tokens = given(client)
    # As that version would have left it.
    lose(unsettled, subjects)
    beside = are_active(client, tokens)
    known = plain(
        select(subjects.c.subject, subjects.c.epoch)
        .where(subjects.c.tenant_id == TENANT_ID)
        .order_by(subjects.c.subject)
    )

    upgrading.finish(authority)

    with serving(stores.as_text(authority.store.url), Path(authority.settings.instance_path)) as server:
        after = Client(Tenant(server, unsettled.record), client.client_id, client.secret)
        assert server.authority.store.is_settled
        assert (beside, are_active(after, tokens)) == ([True] * 4, [True] * 4)
        with server.authority.store.reading() as tx:
            assert tx.rows(known, tenant_id=unsettled.record.id) == [("alice", 0), ("bob", 0)]
        lose(after.tenant, subjects)
        assert are_active(after, tokens) == [False] * 4
