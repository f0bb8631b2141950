"""How much is tried of what has no end: a third where somebody waits for it, else all.

And where all is run, what is not about the store itself is tried on one of the two stores, case by case: half
of a test's cases or so on either, upgrades on PostgreSQL. Who names files or folders gets both.

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


# What a store does by itself, and what several do to it at once, is tried on both.
_ABOUT_STORES = ("store", "races", "outage", "poolers", "revoking", "tokens")


def left_out(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """List the cases that are tried on the other store in this run."""
    if IS_FULL or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return []
    twins = Counter(_without_store(item) for item in items)
    return [item for item in items if twins[_without_store(item)] == 2 and _store(item) != _chosen(item)]


def _store(item: pytest.Item) -> str | None:
    if item.path.parent.name in _ABOUT_STORES:
        return None
    params = getattr(getattr(item, "callspec", None), "params", {})
    store: str | None = params.get("store_url", params.get("backend"))
    return store


def _without_store(item: pytest.Item) -> str:
    return item.nodeid.replace(store, "store", 1) if (store := _store(item)) else item.nodeid


def _chosen(item: pytest.Item) -> str:
    if item.path.parent.name == "upgrading":
        return "postgresql"
    digest = hashlib.sha256(_without_store(item).encode()).digest()
    return ("sqlite", "postgresql")[digest[0] % 2]
