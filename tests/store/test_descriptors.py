"""Where a process may open no more files the store is unavailable; clients of a worker come second."""

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.errors import StoreUnavailable
from tests.store.apart import new_migrated_url, opened
from tests.stores import PostgresServer

WORKER_CONNECTIONS = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
from types import SimpleNamespace
from rescind.web.serving import gunicorn_settings
gunicorn_settings.on_starting(SimpleNamespace(reap_workers=None))
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
print(gunicorn_settings.worker_connections, gunicorn_settings.threads, limit)
"""


@contextlib.contextmanager
def no_more_descriptors() -> Iterator[None]:
    """Let this process open nothing more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_store_that_can_not_be_opened_for_want_of_descriptors_is_unavailable(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    def server() -> PostgresServer:
        found: PostgresServer = request.getfixturevalue("postgresql")
        return found

    with opened(new_migrated_url(backend, tmp_path, server)) as store:
        with no_more_descriptors(), pytest.raises(StoreUnavailable), store.reading():
            pass

        with store.reading():
            pass


@pytest.mark.parametrize(("hard", "expected"), [(1024, 1024), (2048, 2048)])
def test_a_worker_keeps_descriptors_for_the_store(hard: int, expected: int) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", WORKER_CONNECTIONS.format(hard=hard)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    connections, threads, limit = map(int, printed.split())

    assert limit == expected
    assert 0 < connections <= min(1000, limit - 4 * threads)
