"""The product on each store, and the baseline, as a benchmark serves them."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from rescind.domain.authority import Authority
from rescind.web.application import load_settings
from tests import stores
from tests.benchmarks import cpu
from tests.servers import Server, gunicorn


@dataclass(frozen=True)
class Size:
    """How large a gunicorn is."""

    workers: int
    threads: int


@dataclass(frozen=True)
class Process:
    """A gunicorn that runs, and its database's process where that has one of its own."""

    port: int
    pid: int
    database_pid: int | None = None

    def cpu_seconds(self) -> tuple[float, float]:
        """Give the CPU time so far: of the server's processes, and of the database's."""
        database = cpu.seconds_of(self.database_pid) if self.database_pid else 0.0
        return cpu.seconds_of(self.pid), database


@dataclass(frozen=True)
class Postgresql:
    """The PostgreSQL of a run."""

    server: stores.PostgresServer
    pid: int | None
    about: str


@dataclass(frozen=True)
class Served:
    """The product on one store. The authority is of this process, on the same store."""

    store: str
    url: str
    process: Process
    server: Server


def start_postgresql(folder: Path) -> Postgresql:
    """Start a PostgreSQL as it is set by default, and ask what that is."""
    server = stores.start_postgresql(folder / "postgresql")
    names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
    with psycopg.connect(server.get_uri()) as connection:
        version, *values = [connection.execute(f"SHOW {name}").fetchone() for name in names]
    shown = ", ".join(f"{name}={value[0]}" for name, value in zip(names[1:], values, strict=True) if value)
    return Postgresql(server, server.get_pid(), f"PostgreSQL {version[0] if version else ''}, {shown}")


@contextlib.contextmanager
def rescind_on(
    store: str, folder: Path, size: Size, postgresql: Postgresql | None = None, **settings: str
) -> Iterator[Served]:
    """Serve the product on a new store, with its settings as they are by default.

    Args:
        postgresql: one that runs already; else one is started where it is needed.
    """
    database_pid = None
    if store == "sqlite":
        url = f"sqlite:///{folder}/rescind.sqlite3"
    else:
        postgresql = postgresql or start_postgresql(folder)
        url, database_pid = stores.new_database(postgresql.server), postgresql.pid
    environment = {
        "RESCIND_DATABASE_URL": stores.migrate(url),
        "RESCIND_SECRET_KEY": secrets.token_urlsafe(32),
        "RESCIND_INSTANCE_PATH": str(folder),
        "RESCIND_POOL_SIZE": str(size.threads),
        **settings,
    }
    with _running(folder / f"{store}.log", environment, size) as (base_url, pid):
        authority = Authority.open(load_settings({**environment, "RESCIND_PUBLIC_URL": base_url}))
        process = Process(_port(base_url), pid, database_pid)
        yield Served(store, url, process, Server(authority, None, base_url))
        authority.store.dispose()


@contextlib.contextmanager
def hello(folder: Path, size: Size) -> Iterator[Process]:
    """Serve the baseline."""
    application = "tests.benchmarks.hello:create_app()"
    with _running(folder / "hello.log", {}, size, application) as (base_url, pid):
        yield Process(_port(base_url), pid)


@contextlib.contextmanager
def _running(
    log: Path, environment: dict[str, str], size: Size, application: str = "rescind:create_app()"
) -> Iterator[tuple[str, int]]:
    running = gunicorn(log, environment, application=application, workers=size.workers, threads=size.threads)
    with running as (base_url, master):
        yield base_url, master.pid


def _port(base_url: str) -> int:
    return urlsplit(base_url).port or 80
