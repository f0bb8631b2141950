"""Stores: one that is migrated and shared, and new ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.store.engine import Store
from tests import stores
from tests.store.apart import new_migrated_url, new_url, opened


@pytest.fixture(scope="session")
def store(store_url: str) -> Iterator[Store]:
    """Give the migrated store of this process; what a test writes there it rolls back."""
    with opened(store_url) as store:
        yield store


@pytest.fixture(params=stores.BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a store that was never migrated."""
    return new_url(request.param, tmp_path, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture
def empty_store(empty_url: str) -> Iterator[Store]:
    """Open a store that was never migrated."""
    with opened(empty_url) as store:
        yield store


@pytest.fixture(params=stores.BACKENDS)
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a migrated store that is this test's alone."""
    return new_migrated_url(request.param, tmp_path, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture
def own_store(own_url: str) -> Iterator[Store]:
    """Open a migrated store that is this test's alone."""
    with opened(own_url) as store:
        yield store
