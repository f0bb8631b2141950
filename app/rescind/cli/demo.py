"""`rescind demo`: the example in Asgardeo's guide to token revocation, alive."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import click

from rescind.cli import demo_script
from rescind.cli.commands import Job, command
from rescind.cli.demo_app import DemoApp
from rescind.cli.serve import gunicorn_arguments
from rescind.domain.authority import Authority
from rescind.errors import Refused
from rescind.settings import Settings

HOST, FIRST_PORT = "127.0.0.1", 8000
WORKERS, THREADS = 2, 4
STOP_SECONDS = 10

Server = subprocess.Popen[bytes]


@command("demo")
@click.option(
    "--once/--keep-serving",
    default=None,
    help="Exit when all is shown (0 if all of it held), or serve on, for a browser too. Without either it "
    "serves on where there is a terminal.",
)
def demo(job: Job, once: bool | None) -> None:
    """Show the main job: issue a token, see it active, revoke it, see it inactive.

    Then it serves on, with an app and a person to sign in as. It works in a throw-away SQLite database, and
    looks at no setting.
    """
    once = not sys.stdout.isatty() if once is None else once
    # However it is told to stop, it takes its server and its folder along.
    _on_stop(signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rescind-demo-") as folder, _listening() as listener:
        base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        settings = Settings(
            public_url=base_url, instance_path=folder, secret_key=(secrets.token_urlsafe(32),)
        )
        app = DemoApp(base_url)
        seeded = demo_script.seed(Authority.open(settings), app.redirect_uri)
        with contextlib.closing(app), _serving(settings, listener) as server:
            job.out.show(f"Rescind serves the tenant {demo_script.TENANT} on {base_url}.")
            if not demo_script.play(job.out, base_url, seeded):
                raise Refused("The demonstration did not hold.")
            if once:
                job.out.show("\nTo try it yourself, also in a browser: rescind demo --keep-serving")
            else:
                app.serve()
                with contextlib.suppress(KeyboardInterrupt):
                    job.out.show(demo_script.invitation(base_url, app.url, seeded))
                    job.out.show("Serving on. Stop with Ctrl-C.")
                    server.wait()
                    raise Refused("The server has stopped.")


def _listening() -> socket.socket:
    """Take the first port, or any other where it is taken.

    The server is handed the socket itself: between looking for a port and using it, another could take it.
    """
    for port in (FIRST_PORT, 0):
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, port))
    raise Refused(f"No port of {HOST} is free.")


@contextlib.contextmanager
def _serving(settings: Settings, listener: socket.socket) -> Iterator[Server]:
    """Run gunicorn on the demonstration's store."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
    own = {
        "RESCIND_PUBLIC_URL": settings.public_url,
        "RESCIND_INSTANCE_PATH": settings.instance_path,
        "RESCIND_LOG_LEVEL": "warning",
        "RESCIND_SECRET_KEY": ",".join(settings.secret_key),
    }
    quick = ["--log-level", "warning", "--graceful-timeout", "1"]
    server = subprocess.Popen(  # noqa: S603
        gunicorn_arguments(f"fd://{listener.fileno()}", WORKERS, THREADS, *quick),
        env=plain | own,
        pass_fds=[listener.fileno()],
        # A session of its own, so that Ctrl-C comes here alone and the order of stopping is ours.
        start_new_session=True,
    )
    try:
        listener.close()
        demo_script.wait_until_up(settings.public_url, server)
        yield server
    finally:
        _on_stop(signal.SIG_IGN)
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _on_stop(handler: "signal._HANDLER") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(demo)
