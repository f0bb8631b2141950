"""What the last step of an upgrade fills in is what this version would have written itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from rescind.domain import upgrading
from rescind.domain.registry import keys
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.tokens import assertions
from rescind.store import backfilling, migrating
from rescind.store.activity import TENANT_ID
from rescind.store.deliveries import NEVER
from rescind.store.engine import Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.statements import Statement, plain
from rescind.store.tables import authorization_codes, deliveries, revocations, session_clients
from tests import stores
from tests.servers import Server, Tenant
from tests.store.apart import serving

FILLED = tuple(backfilling._PURGE_AT)


@pytest.fixture
def tenant(own_url: str, tmp_path: Path) -> Iterator[Tenant]:
    """Give a tenant on a store of its own."""
    with serving(own_url, tmp_path) as server:
        yield server.new_tenant()


def unsettle(server: Server) -> None:
    """Let a store be one between the two steps."""
    store = server.authority.store
    with store.opened(is_writing=True) as connection:
        schema = "" if store.is_sqlite else "rescind."
        connection.execute(text(stores.UNSETTLE.format(schema=schema)))


def rows(tenant: Tenant, table: Any) -> list[tuple[Any, ...]]:
    """Give all rows of a tenant."""
    statement: Statement[Any] = plain(
        select(table).where(table.c.tenant_id == TENANT_ID).order_by(*table.primary_key)
    )
    with tenant.server.authority.store.reading() as tx:
        return tx.rows(statement, tenant_id=tenant.record.id)


def act_out(tenant: Tenant) -> None:
    """Do one of everything that leaves a row which is purged some time."""
    authority = tenant.server.authority
    every = ("authorization_code", "refresh_token", "client_credentials")
    client = tenant.new_client(grant_types=every, scope="openid offline_access")
    for number in range(3):
        subject = f"somebody-{number}"
        sid = tenant.new_session(subject)
        client.mint_code(subject, session_sid=sid)
        for scope in (("openid", "offline_access"), ()):
            code = client.mint_code(subject, scope, session_sid=sid)
            assert client.exchange(code).status_code == 200
        client.issue(subject)
    client.access_token()
    revoke(authority, selectors.Session(tenant.name, sid), Cause("logout", "test"))
    revoke(authority, selectors.Subject(tenant.name, "somebody-0"), Cause("left", "test"))
    assertions.use(authority, tenant.record.id, client.client_id, "once", expires_at=1 << 40)
    keys.rotate(authority, tenant.record)


def forget(tenant: Tenant) -> None:
    """Leave of the rows what the version before would have written."""
    unsettle(tenant.server)
    tables = [
        plain(update(table).where(table.c.tenant_id == TENANT_ID).values(purge_at=None)) for table in FILLED
    ]
    told = plain(
        update(revocations)
        .where(revocations.c.tenant_id == TENANT_ID, revocations.c.selector_kind == "subject")
        .values(subject=None)
    )
    heard = plain(delete(session_clients).where(session_clients.c.tenant_id == TENANT_ID))

    def send(tx: Transaction) -> None:
        for statement in (*tables, told, heard):
            tx.rows(statement, tenant_id=tenant.record.id)

    tenant.server.authority.store.transact(send)


def test_what_is_filled_in_is_what_this_version_writes(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfilling, "BATCH_ROWS", 2)
    act_out(tenant)
    written = {table: rows(tenant, table) for table in (*FILLED, session_clients)}
    forget(tenant)

    upgrading.finish(tenant.server.authority)

    filled = {table: rows(tenant, table) for table in written}
    empty = {table.name for table, found in written.items() if not found}
    assert empty == {"sign_in_attempts", "deliveries"}
    for table in written:
        at = list(table.c.keys()).index("purge_at")
        for before, after in zip(written[table], filled[table], strict=True):
            assert before[:at] + before[at + 1 :] == after[:at] + after[at + 1 :]
            if table in {authorization_codes, session_clients}:
                # With an hour to spare twice; and for as long as the session, whose end came later.
                assert after[at] >= before[at]
            else:
                assert after[at] == before[at], table.name


def test_twice_changes_nothing(tenant: Tenant) -> None:
    act_out(tenant)
    forget(tenant)
    upgrading.finish(tenant.server.authority)
    once = {table: rows(tenant, table) for table in (*FILLED, session_clients)}
    unsettle(tenant.server)

    upgrading.finish(tenant.server.authority)

    assert {table: rows(tenant, table) for table in once} == once
    assert migrating.differences(tenant.server.authority.store) == []


def test_what_the_version_before_has_renewed_or_used_since_is_kept_for_longer(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=("authorization_code",))
    client.mint_code("alice")
    unsettle(tenant.server)
    used = plain(
        update(authorization_codes)
        .where(authorization_codes.c.tenant_id == TENANT_ID)
        .values(redeemed_at=1, kept_until=1 << 40)
    )
    authority = tenant.server.authority
    authority.store.transact(lambda tx: tx.rows(used, tenant_id=tenant.record.id))

    upgrading.finish(authority)

    ((*_, purge_at),) = rows(tenant, authorization_codes)
    assert purge_at == (1 << 40) + KEPT_SECONDS


def test_of_logout_tokens_those_get_a_time_that_were_sent_or_given_up(tenant: Tenant) -> None:
    states = {"sent": (5, 7), "given up": (NEVER, None), "open": (5, None)}
    unsettle(tenant.server)
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        for event_id, (next_at, done_at) in states.items():
            of = {"tenant_id": tenant.record.id, "event_id": event_id, "client_id": "c", "subject": "alice"}
            connection.execute(insert(deliveries).values(**of, attempts=1, next_at=next_at, done_at=done_at))

    upgrading.finish(tenant.server.authority)

    kept = tenant.server.authority.settings.audit_days * 86_400
    found = {row[1]: row[-1] for row in rows(tenant, deliveries)}
    assert found["sent"] == 7 + kept
    assert found["given up"] > kept
    assert found["open"] is None
