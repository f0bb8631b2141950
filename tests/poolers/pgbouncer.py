"""PgBouncer in transaction mode: the one on the PATH, else Debian's package, unpacked and not installed."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import wait_until
from tests.servers import free_port

SETTINGS = """
[databases]
* = host={folder} port=5432
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 400
ignore_startup_parameters = extra_float_digits{ignored}
"""
# Of what the package needs, that which a machine may lack.
_LIBRARIES = ("libc-ares", "libcares", "libevent-")


@dataclass(frozen=True)
class Program:
    """PgBouncer, and where its libraries are."""

    path: str
    libraries: str = ""


def find(folder: Path) -> Program | None:
    """Find it, or fetch it into a folder; None where this machine has neither it nor Debian's packages."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is not None:
        return Program(found)
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    try:
        return _unpacked(folder)
    except (subprocess.SubprocessError, OSError, StopIteration):
        return None


def _unpacked(folder: Path) -> Program:
    needed = subprocess.run(
        ["apt-cache", "depends", "pgbouncer"], capture_output=True, text=True, check=True, timeout=30
    ).stdout.split()
    packages = ["pgbouncer", *[name for name in needed if name.startswith(_LIBRARIES)]]
    subprocess.run(
        ["apt-get", "download", *packages], cwd=folder, capture_output=True, check=True, timeout=60
    )
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True, timeout=30)
    # Whoever PostgreSQL runs as has to get at it.
    for each in (folder, *folder.parents[:3]):
        each.chmod(each.stat().st_mode | 0o055)
    library = next(folder.glob("usr/lib/*/libevent*"))
    return Program(str(folder / "usr/sbin/pgbouncer"), str(library.parent))


@contextmanager
def pgbouncer(
    program: Program, postgres: Path, owner: str | None, folder: Path, *, sessions: int, ignores_options: bool
) -> Iterator[int]:
    """Run it in front of a PostgreSQL, and give its port.

    Args:
        postgres: the folder of PostgreSQL's socket.
        owner: whom it runs as, as it does not run as root.
        sessions: of PostgreSQL that it hands out.
        ignores_options: whether it lets a session ask for settings, and forgets them.
    """
    port, users = free_port(), folder / "users"
    users.write_text('"postgres" ""\n')
    ignored = ", options" if ignores_options else ""
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(folder=postgres, port=port, users=users, sessions=sessions, ignored=ignored)
    )
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [program.path, str(settings)],
        env={"LD_LIBRARY_PATH": program.libraries},
        user=owner,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
