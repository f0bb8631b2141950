"""Servers to race on, one for each store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.races import arena as arenas
from tests.races import plants
from tests.races.arena import Arena, Started
from tests.servers import SECRET_KEY


@pytest.fixture(scope="session")
def race_environment(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the settings of the servers."""
    return {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path_factory.mktemp("races")),
    }


@pytest.fixture(scope="session")
def graceful(race_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Give a server with the default grace time for refreshes."""
    with arenas.started(tmp_path_factory.mktemp("graceful"), race_environment) as started:
        yield started


@pytest.fixture(scope="session")
def strict(race_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Give a server without any grace time."""
    environment = {**race_environment, "RESCIND_REFRESH_GRACE_SECONDS": "0"}
    with arenas.started(tmp_path_factory.mktemp("strict"), environment) as started:
        yield started


@pytest.fixture
def arena(graceful: Started) -> Iterator[Arena]:
    """Give connections of this test to the server with the default grace time."""
    with arenas.entered(graceful) as entered:
        yield entered


@pytest.fixture
def strict_arena(strict: Started) -> Iterator[Arena]:
    """Give connections of this test to the server without any grace time."""
    with arenas.entered(strict) as entered:
        yield entered


@pytest.fixture
def planted_arena(
    request: pytest.FixtureRequest, race_environment: dict[str, str], tmp_path: Path
) -> Iterator[Arena]:
    """Give a server without grace that has the fault of the test's parameter."""
    environment = {
        **race_environment,
        "RESCIND_REFRESH_GRACE_SECONDS": "0",
        plants.VARIABLE: request.param,
    }
    with arenas.opened(tmp_path, environment) as opened:
        yield opened


@pytest.fixture
def crash_arena(race_environment: dict[str, str], tmp_path: Path) -> Iterator[Arena]:
    """Give a server whose workers may be killed."""
    with arenas.opened(tmp_path, race_environment) as opened:
        yield opened
