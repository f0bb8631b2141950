"""The host's tables and ours stand apart (DESIGN section 2.4): its `create_all`, `drop_all` and queries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from rescind import Subject
from rescind.store import migrating
from rescind.store.tables import Revocation
from tests import stores
from tests.embedding.hosts import Host, Token, database, hosting
from tests.servers import Client


@pytest.fixture(params=stores.BACKENDS)
def new_host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """Give a host whose database is new and empty."""
    url = f"sqlite:///{tmp_path}/rescind.sqlite3"
    if request.param == "postgresql":
        url = stores.new_database(request.getfixturevalue("postgresql"))
    with hosting(tmp_path, database(url, tmp_path)) as host, host.app.app_context():
        yield host


def own_tables(host: Host) -> list[str]:
    """List the tables that the host's own tools see."""
    return sorted(inspect(host.db.engine).get_table_names())


def test_create_all_makes_the_hosts_tables_and_none_of_ours(new_host: Host) -> None:
    new_host.db.create_all()

    assert own_tables(new_host) == ["people", "tokens"]
    assert migrating.current(new_host.rescind.authority.store) is None


def test_our_tables_are_made_beside_the_hosts_of_the_same_name(new_host: Host) -> None:
    new_host.db.create_all()

    new_host.rescind.upgrade()

    assert own_tables(new_host) == ["people", "tokens"]
    assert migrating.differences(new_host.rescind.authority.store) == []


def test_create_all_and_drop_all_leave_our_tables_and_what_they_hold_alone(new_host: Host) -> None:
    new_host.rescind.upgrade()
    client = new_host.server.new_tenant().new_client()
    token = client.access_token()

    new_host.db.create_all()
    new_host.db.drop_all()

    assert own_tables(new_host) == []
    assert migrating.differences(new_host.rescind.authority.store) == []
    assert client.is_active(token)


def test_a_row_in_the_hosts_table_of_the_same_name_is_not_one_in_ours(host: Host, client: Client) -> None:
    token = client.access_token()

    with host.app.app_context():
        host.db.session.add(Token(number=client.tenant.record.id))
        host.db.session.commit()
        numbers = host.db.session.scalars(select(Token.number)).all()

    assert client.tenant.record.id in numbers
    assert client.is_active(token)


def test_what_the_host_has_half_done_is_not_committed_by_a_revocation(host: Host, client: Client) -> None:
    token = client.issue("alice").access_token
    number = 1_000_000 + client.tenant.record.id

    with host.app.app_context():
        host.db.session.add(Token(number=number))
        host.db.session.flush()
        host.rescind.revoke(Subject(client.tenant.name, "alice"), cause="test")
        host.db.session.rollback()
        kept = host.db.session.get(Token, number)

    assert kept is None
    assert not client.is_active(token)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_host_on_postgresql_may_query_our_models_through_its_session(host: Host, client: Client) -> None:
    client.revoke(client.access_token())
    ours = select(Revocation.cause).where(Revocation.tenant_id == client.tenant.record.id)

    with host.app.app_context():
        causes = host.db.session.scalars(ours).all()

    assert causes == ["revocation-endpoint"]


def test_a_host_on_sqlite_may_query_them_through_the_bind(tmp_path: Path) -> None:
    bind = {
        "url": "sqlite:///rescind.sqlite3",
        "execution_options": {"schema_translate_map": {"rescind": None}},
    }
    config = {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3", "SQLALCHEMY_BINDS": {"rescind": bind}}
    with hosting(tmp_path, config) as host, host.app.app_context():
        host.rescind.upgrade()
        client = host.server.new_tenant().new_client()
        client.revoke(client.access_token())
        ours = select(Revocation.cause).where(Revocation.tenant_id == client.tenant.record.id)

        causes = host.db.session.scalars(ours, bind_arguments={"bind": host.db.engines["rescind"]}).all()

        assert causes == ["revocation-endpoint"]
