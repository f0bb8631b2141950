"""Servers whose stores are made to fail. Each process of the tests has its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests import stores
from tests.outage.private_postgres import PrivatePostgres
from tests.outage.served import Served, served
from tests.outage.standbys import Standby, followed, host
from tests.patience import wait_until
from tests.servers import Server

_numbers = count()


@pytest.fixture(scope="session")
def private_postgres(tmp_path_factory: pytest.TempPathFactory) -> PrivatePostgres:
    """Start a PostgreSQL that no other test uses."""
    return PrivatePostgres(tmp_path_factory.mktemp("private") / "postgresql")


@pytest.fixture(scope="session")
def on_postgres(
    private_postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Run a gunicorn on it."""
    with served(private_postgres.url, tmp_path_factory.mktemp("on-postgres")) as running:
        yield running


@pytest.fixture
def postgres(private_postgres: PrivatePostgres, on_postgres: Served) -> Iterator[PrivatePostgres]:
    """Give that PostgreSQL once the server has got over what was before, and put it in order afterwards."""
    wait_until(on_postgres.is_well)
    yield private_postgres
    private_postgres.restore()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a migrated SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "rescind.sqlite3"
    stores.new_migrated_file(path)
    return path


@pytest.fixture(scope="session")
def on_sqlite(sqlite_file: Path) -> Iterator[Served]:
    """Run a gunicorn on it."""
    with served(f"sqlite:///{sqlite_file}", sqlite_file.parent) as running:
        yield running


@pytest.fixture(scope="session")
def primary(tmp_path_factory: pytest.TempPathFactory) -> PrivatePostgres:
    """Start a primary, which its standbys leave behind."""
    return PrivatePostgres(tmp_path_factory.mktemp("primary") / "postgresql")


@pytest.fixture
def standby(primary: PrivatePostgres) -> Iterator[Standby]:
    """Have it wait for a standby."""
    with followed(primary, f"standby_{next(_numbers)}") as standby:
        yield standby


@pytest.fixture
def old(primary: PrivatePostgres, standby: Standby, tmp_path: Path) -> Iterator[Server]:
    """Run a host on the primary that will be given up."""
    with host(primary.url, tmp_path / "old") as server:
        yield server


@pytest.fixture
def new(standby: Standby, tmp_path: Path) -> Iterator[Server]:
    """Run a host on the standby that will be promoted."""
    with host(standby.url, tmp_path / "new") as server:
        yield server
