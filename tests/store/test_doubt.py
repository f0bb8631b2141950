"""PostgreSQL can warn that a commit is not what it should be, and commit all the same: that is no 200."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from rescind.errors import StoreUnavailable
from rescind.store.engine import Store
from tests import stores
from tests.servers import Server
from tests.store.apart import opened, serving

# As Citus does where another machine has not heard of the commit: in the middle of it, by any code.
WARN = """
CREATE FUNCTION public.warn() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE WARNING 'planted' USING ERRCODE = '{code}'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON rescind.revocations
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.warn()
"""
WARN_NOW = "DO $$ BEGIN RAISE WARNING 'planted'; END $$"


@pytest.fixture(scope="module")
def url(postgresql: stores.PostgresServer) -> str:
    """Give the URL of a store that no other test plants anything in."""
    return stores.new_migrated_database(postgresql)


@contextmanager
def warning_at_commit(url: str, code: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(WARN.format(code=code))
        yield
        connection.execute("DROP FUNCTION public.warn CASCADE")


@pytest.fixture(params=["none", "transaction"])
def server(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server that writes in one statement, and one that writes as behind a pooler."""
    with serving(url, tmp_path, database_pooler=request.param) as server:
        yield server


@pytest.mark.parametrize("code", ["01000", "08006"])
def test_a_warning_while_it_commits_is_503_and_the_next_revocation_is_not(
    server: Server, url: str, code: str
) -> None:
    client = server.new_tenant().new_client()
    token, other = client.access_token(), client.access_token()

    with warning_at_commit(url, code):
        refused = client.revoke(token).status_code
    after = client.revoke(other).status_code

    assert (refused, after) == (503, 200)
    assert client.revoke(token).status_code == 200


def test_a_warning_of_an_earlier_statement_is_no_doubt(server: Server) -> None:
    store = server.authority.store
    client = server.new_tenant().new_client()
    token = client.access_token()

    with store.keeping():
        with store.reading() as tx:
            tx.send(WARN_NOW)  # type: ignore[attr-defined]
        done = client.revoke(token).status_code
        store.transact(lambda tx: tx.send(WARN_NOW))  # type: ignore[attr-defined]

    assert done == 200


def test_a_warning_at_the_end_of_a_migration_is_doubt(url: str) -> None:
    with opened(url) as store, pytest.raises(StoreUnavailable, match="warned"):
        warn_at_the_end(store)


def warn_at_the_end(store: Store) -> None:
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE t (i int) ON COMMIT DROP;"
            " CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE WARNING 'planted'; RETURN NULL; END $$;"
            " CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.warn(); INSERT INTO t VALUES (1)"
        )
