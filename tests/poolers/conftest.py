"""A database, and a pooler in front of it: ours on every machine, and PgBouncer where it can be had."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests import stores
from tests.outage.served import Served, served
from tests.poolers.pgbouncer import Program, find, pgbouncer
from tests.poolers.small_pooler import small_pooler

# Fewer than the connections of the server, so that each of them meets every session.
SESSIONS = 3
# Called with the URL of a database and whether settings are forgotten; gives a URL through the pooler.
Pooling = Callable[[str, bool], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def program() -> Program | None:
    """Find PgBouncer, or fetch it."""
    return find(Path(tempfile.mkdtemp(prefix="rescind-pgbouncer-")))


@pytest.fixture(scope="session", params=["small", "pgbouncer"])
def pooling(
    request: pytest.FixtureRequest, postgresql: stores.PostgresServer, program: Program | None
) -> Pooling:
    """Give what puts a pooler in front of a database. Where PgBouncer can't be had, it is ours once more."""
    is_small = request.param == "small" or program is None

    @contextmanager
    def pooled(url: str, ignores_options: bool) -> Iterator[str]:
        postgres = Path(str(make_url(url).query["host"]))
        if is_small:
            running = small_pooler(postgres, sessions=SESSIONS, ignores_options=ignores_options)
        else:
            folder = Path(tempfile.mkdtemp(prefix="rescind-pooler-"))
            folder.chmod(0o755)
            assert program is not None
            running = pgbouncer(
                program,
                postgres,
                postgresql.system_user,
                folder,
                sessions=SESSIONS,
                ignores_options=ignores_options,
            )
        with running as port:
            yield stores.as_text(make_url(url).set(host="127.0.0.1", port=port, query={}))

    return pooled


@pytest.fixture(scope="session")
def behind(postgresql: stores.PostgresServer) -> str:
    """Give the URL of a migrated database whose sessions are not as they should be."""
    url = stores.new_migrated_database(postgresql)
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.execute(f"ALTER DATABASE {name} SET statement_timeout = '77s'")
        connection.execute(f"ALTER DATABASE {name} SET search_path = rescind")
    return url


@pytest.fixture(scope="session")
def pooled_url(behind: str, pooling: Pooling) -> Iterator[str]:
    """Give the URL of that database through the pooler."""
    with pooling(behind, False) as url:
        yield url


@pytest.fixture(scope="session")
def on_pooler(pooled_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a gunicorn on it that was told of the pooler."""
    with served(pooled_url, tmp_path_factory.mktemp("pooled"), database_pooler="transaction") as running:
        yield running
