"""`rescind serve`: gunicorn with the settings measured best."""

import importlib.util
import os
import sys
from urllib.parse import urlsplit

import click

from rescind.cli import addresses
from rescind.cli.commands import Job, command
from rescind.domain.readiness import unready
from rescind.errors import Refused
from rescind.web.serving import gunicorn_settings

APPLICATION = "rescind:create_app()"


@command("serve")
@click.option(
    "--bind",
    metavar="HOST:PORT",
    help="Default: 127.0.0.1, and the port that the public URL names, else 8000.",
)
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Default: one for each core.")
def serve(job: Job, bind: str | None, workers: int | None) -> None:
    """Serve until it is stopped, and purge every hour.

    The store has to be migrated (rescind db upgrade); one that is not, or not there, is waited for with 503.
    """
    authority = job.unchecked_authority
    bind = bind or f"127.0.0.1:{urlsplit(authority.settings.public_url).port or 8000}"
    arguments = gunicorn_arguments(bind, workers or gunicorn_settings.workers, authority.settings.pool_size)
    addresses.check_free(bind)
    problem = unready(authority)
    if problem is not None:
        job.out.say(f"rescind: {problem}")
    elif not authority.settings.is_production:
        job.out.say(f"Rescind {_place(bind, authority.settings.public_url)} (development). Stop with Ctrl-C.")
    authority.store.dispose()
    os.execv(sys.executable, arguments)  # noqa: S606


def _place(bind: str, public_url: str) -> str:
    """Say where it serves; what it is told to call itself may be another address."""
    if public_url == f"http://{bind}":
        return f"serves on {public_url}"
    return f"listens on {bind}, and calls itself {public_url}"


def gunicorn_arguments(bind: str, workers: int, threads: int, *more: str) -> list[str]:
    """Give the command that runs gunicorn; as many threads as connections to the store.

    Raises:
        Refused: gunicorn is not installed.
    """
    if importlib.util.find_spec("gunicorn") is None:
        raise Refused("gunicorn is not installed: pip install 'rescind[server]'.")
    settings = ["-c", "python:rescind.web.serving.gunicorn_settings", "--bind", bind]
    size = ["--workers", str(workers), "--threads", str(threads)]
    return [sys.executable, "-m", "gunicorn", *settings, *size, *more, APPLICATION]


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(serve)
