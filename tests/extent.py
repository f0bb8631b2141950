"""How much is tried of what has no end: a third where somebody waits for it, else all.

And of what asks about requests and pages, of which the store does not know, each case is tried on one of the
two stores where all is run: about half of a test's cases on either. Who names files or folders gets both.

`TEST_EXTENT=full make test` is for before a release, and for who changes what the races are about.
"""

import hashlib
import os
from collections import Counter

import pytest

IS_FULL = os.environ.get("TEST_EXTENT") == "full"


def tries(number: int) -> int:
    """Give how many rounds or examples there are here of as many."""
    return number if IS_FULL else (number + 2) // 3


_ABOUT_REQUESTS = ("protocol", "attacks", "pages", "endpoints", "wire")


def left_out(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """List the cases that are tried on the other store in this run."""
    if IS_FULL or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return []
    twins = Counter(_without_store(item) for item in items)
    return [item for item in items if twins[_without_store(item)] == 2 and _store(item) != _chosen(item)]


def _store(item: pytest.Item) -> str | None:
    params = getattr(getattr(item, "callspec", None), "params", {})
    store: str | None = params.get("store_url") if item.path.parent.name in _ABOUT_REQUESTS else None
    return store


def _without_store(item: pytest.Item) -> str:
    return item.nodeid.replace(store, "store", 1) if (store := _store(item)) else item.nodeid


def _chosen(item: pytest.Item) -> str:
    digest = hashlib.sha256(_without_store(item).encode()).digest()
    return ("sqlite", "postgresql")[digest[0] % 2]
