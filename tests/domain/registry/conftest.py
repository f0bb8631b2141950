"""Fixtures of what is registered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import stores
from tests.domain.registry.key_changes import Change


@pytest.fixture
def change(tmp_path: Path) -> Iterator[Change]:
    """Give a store of its own, as all tenants of it are looked at."""
    change = Change(stores.new_migrated_file(tmp_path / "keys.sqlite3"), tmp_path)
    yield change
    change.end()
