"""Fixtures: a host application on each kind of database."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain import clock
from tests.embedding.hosts import Host, database, hosting
from tests.servers import Server


@pytest.fixture(autouse=True)
def logging_of_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what the stand-alone server does to the loggers of its process; a host has a way of its own."""
    logger = logging.getLogger("rescind")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "handlers", [])


@pytest.fixture
def host(store_url: str, tmp_path: Path) -> Iterator[Host]:
    """Give a host with its tables made, and Rescind mounted on the store of this process."""
    with hosting(tmp_path, database(store_url, tmp_path)) as host:
        with host.app.app_context():
            host.db.create_all()
        yield host
    clock.set(None)


@pytest.fixture
def server(host: Host) -> Server:
    """Give the server that the host has mounted: `tenant`, `client` and the others are on it."""
    return host.server
