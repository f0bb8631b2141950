"""`rescind demo`: the document that the product grew from, alive."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from types import FrameType

import click

from rescind.cli import demo_script
from rescind.cli.commands import Job, command
from rescind.cli.serve import gunicorn_arguments
from rescind.domain.authority import Authority
from rescind.errors import Refused
from rescind.settings import Settings

FIRST_PORT = 8000
WORKERS, THREADS = 2, 4


@command("demo")
@click.option("--once", is_flag=True, help="Exit when all is shown: 0 if all of it held.")
def demo(job: Job, once: bool) -> None:
    """Show the main job: issue a token, see it active, revoke it, see it inactive. Then keep serving.

    It works in a throw-away SQLite database, and looks at no setting.
    """
    with tempfile.TemporaryDirectory(prefix="rescind-demo-") as folder:
        base_url = f"http://127.0.0.1:{_free_port()}"
        settings = Settings(
            public_url=base_url, instance_path=folder, secret_key=(secrets.token_urlsafe(32),)
        )
        seeded = demo_script.seed(Authority.open(settings))
        with _serving(settings) as server:
            job.out.show(f"Rescind serves the tenant {demo_script.TENANT} on {base_url}.")
            held = demo_script.play(job.out, base_url, seeded)
            if not held:
                raise Refused("The demonstration did not hold.")
            if not once:
                job.out.show("Serving on. Stop with Ctrl-C.")
                _wait(server)


@contextlib.contextmanager
def _serving(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Run gunicorn on the demonstration's store."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
    own = {
        "RESCIND_PUBLIC_URL": settings.public_url,
        "RESCIND_INSTANCE_PATH": settings.instance_path,
        "RESCIND_SECRET_KEY": ",".join(settings.secret_key),
    }
    bind = settings.public_url.removeprefix("http://")
    quiet = ["--log-level", "warning"]
    # A session of its own, so that Ctrl-C comes here alone and the order of stopping is ours.
    server = subprocess.Popen(  # noqa: S603
        gunicorn_arguments(bind, WORKERS, THREADS, *quiet), env=plain | own, start_new_session=True
    )
    try:
        demo_script.wait_until_up(settings.public_url, server)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]") -> None:
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)
    while not stop.wait(0.5):
        if server.poll() is not None:
            raise Refused("The server has stopped.")


def _free_port() -> int:
    for port in (FIRST_PORT, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Refused("No port of 127.0.0.1 is free.")


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(demo)
