"""A store of a test alone, for what would be in the way of others: a purge by a clock that runs ahead."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain import clock
from tests import stores
from tests.store.apart import new_migrated_url


@pytest.fixture(params=stores.BACKENDS)
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a migrated store that is this test's alone; the clock goes on afterwards."""
    yield new_migrated_url(request.param, tmp_path, lambda: request.getfixturevalue("postgresql"))
    clock.set(None)
