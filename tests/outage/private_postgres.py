"""A PostgreSQL that belongs to one process of the tests, to be killed, frozen and set up badly."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests import stores
from tests.patience import wait_until

ROLE = "web"


class PrivatePostgres:
    """The server, and what can be done to it. Everything it is set to is taken back by `restore`."""

    def __init__(self, folder: Path) -> None:
        self._server = stores.start_postgresql(folder)
        self._uri = self._server.get_uri()
        self.execute(f"CREATE ROLE {ROLE} LOGIN")
        self.url = stores.migrate(stores.new_database(self._server, owner=ROLE))

    @property
    def system_user(self) -> str | None:
        """Whom its processes run as, where that is not whoever runs the tests."""
        user: str | None = self._server.system_user
        return user

    @property
    def socket_folder(self) -> str:
        """Where it listens."""
        return str(make_url(self.url).query["host"])

    def execute(self, *statements: str) -> list[Any]:
        """Run statements as the superuser in the server's own database; gives the rows of the last."""
        return _run(self._uri, statements)

    def execute_here(self, *statements: str) -> list[Any]:
        """Run statements as the owner in the database of the store."""
        return _run(self.url, statements)

    def configure(self, **options: str) -> None:
        """Set options of the whole server and have it read them."""
        self.execute(
            *[f"ALTER SYSTEM SET {name} = '{value}'" for name, value in options.items()],
            "SELECT pg_reload_conf()",
        )
        wait_until(lambda: all(self.execute(f"SHOW {name}")[0][0] == options[name] for name in options))

    def restore(self) -> None:
        """Take back everything that was set."""
        self.execute(
            "ALTER SYSTEM RESET ALL",
            "SELECT pg_reload_conf()",
            "SET default_transaction_read_only = off",
            f"ALTER ROLE {ROLE} RESET ALL",
        )

    def cut_connections(self) -> None:
        """End every connection of the role."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")

    def kill(self) -> None:
        """Kill the postmaster and every process of it, so that nothing is put in order."""
        processes = self._processes()
        for process in processes:
            process.kill()
        wait_until(lambda: not any(_is_alive(process) for process in processes))

    def start(self) -> None:
        """Start it again after a kill."""
        # A killed postmaster that nobody has reaped yet would be taken for a running one.
        socket: Any = self._server.get_postmaster_info().socket_path
        for lock in (self._server.pgdata / "postmaster.pid", Path(f"{socket}.lock")):
            lock.unlink(missing_ok=True)
        self._server.ensure_pgdata_inited()
        self._server.ensure_postgres_running()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes. Its socket goes on accepting, as the kernel does that."""
        processes = self._processes()
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def _processes(self) -> list[Any]:
        postmaster: Any = self._server.get_postmaster_info().process
        # First the one that would start others.
        return [postmaster, *postmaster.children(recursive=True)]


def _is_alive(process: Any) -> bool:
    return bool(process.is_running() and process.status() != "zombie")


def _run(uri: str, statements: tuple[str, ...]) -> list[Any]:
    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
