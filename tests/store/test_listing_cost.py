"""What it costs to find a few rows, of one client or due by now, where a tenant has very much."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from rescind.domain import clock
from rescind.domain.revoking import selectors
from rescind.domain.revoking.presence import count_covered
from rescind.domain.revoking.selectors import Selector
from rescind.store import audit, clients, deliveries, grants, sessions
from rescind.store.statements import Statement
from tests import stores
from tests.servers import Server, Tenant
from tests.store.apart import serving

ROWS = 30_000
NOW = 1_800_000_000
# Of 8 kB; to go through all rows takes a hundred times as many.
FEW_BLOCKS = 200
FILL = [
    "UPDATE rescind.tenants SET epoch = 0 WHERE id = {tenant}",
    "UPDATE rescind.clients SET epoch = 0 WHERE tenant_id = {tenant}",
    "INSERT INTO rescind.subjects (tenant_id, subject, epoch, epoch_at) VALUES ({tenant}, 'crowd', 0, 0)",
    "INSERT INTO rescind.sessions (tenant_id, sid, cookie_digest, subject, auth_time, tenant_epoch,"
    " subject_epoch, expires_at, purge_at)"
    " SELECT {tenant}, 's' || lpad(n::text, 8, '0'), sha256(n::text::bytea), 'crowd', 0, 0, 0,"
    " {until}, {until} FROM generate_series(1, {rows}) AS n",
    "INSERT INTO rescind.session_clients (tenant_id, session_sid, client_id, subject, purge_at)"
    " SELECT {tenant}, 's' || lpad(n::text, 8, '0'), CASE WHEN n > {rows} - 2 THEN '{few}' ELSE '{many}' END,"
    " 'crowd', {until} FROM generate_series(1, {rows}) AS n",
    "INSERT INTO rescind.grants (tenant_id, id, client_id, subject, session_sid, offline_session_sid, scope,"
    " audience, tenant_epoch, client_epoch, subject_epoch, created_at, expires_at, purge_at)"
    " SELECT {tenant}, 'g' || lpad(n::text, 8, '0'), CASE WHEN n > {rows} - 2 THEN '{few}' ELSE '{many}' END,"
    " 'crowd', NULL, CASE WHEN n > {rows} - 2 THEN 's' || lpad(n::text, 8, '0') END, '', '', 0, 0, 0, 0,"
    " {until}, {until} FROM generate_series(1, {rows}) AS n",
    # One a second; of a subject, a cause and a client the very first two.
    "INSERT INTO rescind.revocations (tenant_id, id, at, selector_kind, selector_value, subject, client_id,"
    " cause, actor, purge_at) SELECT {tenant}, 'r' || lpad(n::text, 8, '0'), n, 'grant', 'g',"
    " CASE WHEN n < 3 THEN 'seldom' ELSE 'crowd' END, CASE WHEN n < 3 THEN '{few}' ELSE '{many}' END,"
    " CASE WHEN n < 3 THEN 'seldom' ELSE 'revocation-endpoint' END, 'host', {until}"
    " FROM generate_series(1, {rows}) AS n",
    # Put off until later, all but the last.
    "INSERT INTO rescind.deliveries (tenant_id, event_id, client_id, subject, attempts, next_at)"
    " SELECT {tenant}, 'e' || lpad(n::text, 8, '0'), '{many}', 'crowd', 1,"
    " CASE WHEN n < {rows} THEN {until} ELSE 0 END FROM generate_series(1, {rows}) AS n",
]


@pytest.fixture(scope="module")
def server(postgresql: stores.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server on a store of these tests alone."""
    clock.set(NOW)
    with serving(stores.new_migrated_database(postgresql), tmp_path_factory.mktemp("much")) as server:
        yield server
    clock.set(None)


@pytest.fixture(scope="module")
def few(server: Server) -> tuple[Tenant, str]:
    """Give a tenant, and a client that has the last two of very many grants and sessions."""
    tenant = server.new_tenant()
    clients = [tenant.new_client().client_id for _ in range(2)]
    values = {"tenant": tenant.record.id, "rows": ROWS, "until": NOW + 3600}
    uri = stores.as_text(server.authority.store.url.set(drivername="postgresql"))
    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement.format(few=clients[0], many=clients[1], **values))
        connection.execute("VACUUM ANALYZE")
    return tenant, clients[0]


def blocks_read(tenant: Tenant, statement: Statement[Any], **values: Any) -> int:
    """Run a statement, and count the blocks that it looked at."""
    compiled = statement.on("postgresql")
    values |= {"tenant_id": tenant.record.id, "now": NOW}
    with stores.transaction(tenant.server.authority.store) as tx:
        text = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled.text}"
        ((found,),) = tx.send(text, compiled.arguments(values)).fetchall()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_what_a_client_has_is_listed_without_a_look_at_all_the_rest(few: tuple[Tenant, str]) -> None:
    tenant, client_id = few
    asked: dict[str, Any] = {"client_id": client_id, "subject": None, "after": ""}

    with tenant.server.authority.store.reading() as tx:
        listed = [
            len(grants.list_some(tx, tenant.record.id, limit=100, **asked)),
            len(sessions.list_some(tx, tenant.record.id, limit=100, **asked)),
        ]
        asked_of_subject = asked | {"subject": "crowd"}
        listed.append(len(sessions.list_some(tx, tenant.record.id, limit=100, **asked_of_subject)))
    blocks = [
        blocks_read(tenant, grants._LIST, most=100, **asked),
        blocks_read(tenant, sessions._LIST_AT_CLIENT, most=100, **asked),
        blocks_read(tenant, sessions._LIST_AT_CLIENT, most=100, **asked_of_subject),
    ]

    assert listed == [2, 2, 2]
    assert max(blocks) < FEW_BLOCKS


def test_to_count_ends_at_the_limit_and_finds_a_session_by_an_index(few: tuple[Tenant, str]) -> None:
    tenant, client_id = few
    name = tenant.name
    of_session = dict.fromkeys(("subject", "client_id", "session_sid"))
    of_tenant = of_session | {"offline_session_sid": None}

    asked: list[tuple[Selector, int]] = [
        (selectors.Client(name, client_id), 1),
        (selectors.Client(name, client_id), 2),
        (selectors.Tenant(name), 50),
        (selectors.Tenant(name), ROWS),
    ]
    counted = [count_covered(tenant.server.authority, selector, most=most) for selector, most in asked]
    last = f"s{ROWS:08}"
    blocks = [
        blocks_read(tenant, grants._COUNT, most=50, **of_tenant),
        blocks_read(tenant, grants._COUNT, most=50, **of_session, offline_session_sid=last),
    ]

    assert counted == [(1, False), (2, True), (50, False), (ROWS, True)]
    assert max(blocks) < 2 * FEW_BLOCKS


def test_to_whom_a_subject_has_given_something_is_read_off_a_few_of_its_grants(
    few: tuple[Tenant, str],
) -> None:
    tenant, client_id = few
    with tenant.server.authority.store.reading() as tx:
        connected = grants.connected(tx, tenant.record.id, "crowd", limit=50)
    many = next(each.client_id for each in connected if each.client_id != client_id)

    blocks = [
        blocks_read(tenant, grants._CLIENTS, subject="crowd"),
        blocks_read(tenant, grants._CONNECTED, subject="crowd", client_id=many, most=50),
        blocks_read(tenant, grants._CONSENTED, subject="crowd", client_id=many, most=50),
        blocks_read(tenant, grants._FIRST_GIVEN_AT, subject="crowd", client_id=many),
    ]

    assert len(connected) == 2
    assert max(blocks) < 2 * FEW_BLOCKS


def test_what_is_due_to_a_client_is_taken_without_a_look_at_what_is_put_off(few: tuple[Tenant, str]) -> None:
    tenant, client_id = few
    with tenant.server.authority.store.reading() as tx:
        connected = grants.connected(tx, tenant.record.id, "crowd", limit=50)
    asked = {"receiver": next(each.client_id for each in connected if each.client_id != client_id)}
    later: dict[str, Any] = {"seconds": 60, "most_attempts": 5, "kept_seconds": 60}

    with stores.transaction(tenant.server.authority.store) as tx:
        found = deliveries.claim(tx, tenant.record.id, asked["receiver"], seconds=60)
    blocks = [
        blocks_read(tenant, deliveries._PUT_OFF_ALL, **asked, **later),
        blocks_read(tenant, deliveries._CLAIM, **asked, seconds=60),
    ]

    assert found is not None
    assert found[0].event_id == f"e{ROWS:08}"
    assert max(blocks) < FEW_BLOCKS


def test_events_are_listed_by_an_index_whatever_they_are_asked_for_by(few: tuple[Tenant, str]) -> None:
    tenant, client_id = few
    asked: list[dict[str, Any]] = [
        *({}, {"subject": "seldom"}, {"client_id": client_id}, {"cause": "seldom"}),
        *(
            {"cause": "revocation-endpoint"},
            {"subject": "crowd", "client_id": client_id},
            {"subject": "nobody"},
        ),
    ]
    last: dict[str, Any] = {"since": 0, "before_at": NOW, "before_id": "", "most": 100}
    middle = last | {"before_at": ROWS // 2, "before_id": "r"}
    statements = [
        (audit.listing(frozenset(each), is_uncommon=each.get("cause") == "seldom"), each) for each in asked
    ]

    with tenant.server.authority.store.reading() as tx:
        found = [tx.rows(each, tenant_id=tenant.record.id, **last, **given) for each, given in statements]
    blocks = [
        blocks_read(tenant, each, **page, **given) for each, given in statements for page in (last, middle)
    ]

    assert [len(events) for events in found] == [100, 2, 2, 2, 100, 0, 0]
    assert [event.at for event in found[0]] == list(range(ROWS, ROWS - 100, -1))
    assert max(blocks) < FEW_BLOCKS


def test_clients_are_listed_page_by_page(few: tuple[Tenant, str]) -> None:
    tenant, _ = few
    uri = stores.as_text(tenant.server.authority.store.url.set(drivername="postgresql"))
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO rescind.clients (tenant_id, client_id, is_public, grant_types, redirect_uris,"
            " post_logout_redirect_uris, allowed_origins, scope, revocation_scope, is_resource_server, epoch,"
            f" created_at) SELECT {tenant.record.id}, 'c' || lpad(n::text, 8, '0'), true, '', '', '', '', '',"
            f" 'grant', false, 0, 0 FROM generate_series(1, {ROWS}) AS n"
        )
        connection.execute("VACUUM ANALYZE rescind.clients")

    blocks = blocks_read(tenant, clients._LIST, after=f"c{ROWS - 50:08}", most=100)

    assert blocks < FEW_BLOCKS
