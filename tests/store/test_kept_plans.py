"""Tables that are migrated beside traffic: a plan that PostgreSQL has kept may not fit them any more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from tests import stores
from tests.servers import Client, Server
from tests.store.apart import serving

CONNECTIONS = 4


@pytest.fixture
def server(postgresql: stores.PostgresServer, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a database of its own, whose tables the test changes."""
    url = stores.new_migrated_database(postgresql)
    with serving(url, tmp_path, pool_size=CONNECTIONS) as server:
        yield server


def have_every_connection_keep_plans(client: Client, token: str) -> None:
    store = client.tenant.server.authority.store
    everybody = Barrier(CONNECTIONS)

    def ask() -> None:
        with store.keeping():
            assert client.is_active(token)
            everybody.wait(30)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for each in [threads.submit(ask) for _ in range(CONNECTIONS)]:
            each.result()


def test_a_request_is_served_though_its_kept_plan_gives_another_type(server: Server) -> None:
    client = server.new_tenant().new_client()
    token = client.access_token()
    have_every_connection_keep_plans(client, token)

    with psycopg.connect(
        server.authority.store.url.set(drivername="postgresql").render_as_string(False)
    ) as other:
        other.execute("ALTER TABLE rescind.tenants ALTER COLUMN name TYPE varchar(300)")
        other.execute("ALTER TABLE rescind.clients ALTER COLUMN name TYPE varchar(300)")
    statuses = [client.introspect(token).status_code for _ in range(2 * CONNECTIONS)]

    assert statuses == [200] * 2 * CONNECTIONS
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)
