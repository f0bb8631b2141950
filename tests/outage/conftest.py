"""Servers whose stores are made to fail. Each process of the tests has its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import stores
from tests.outage.private_postgres import PrivatePostgres
from tests.outage.served import Served, served
from tests.patience import wait_until


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
