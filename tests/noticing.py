"""A pytest plugin for `make mutants`: a run ends once a fault is noticed on each kind of store asked for.

What notices a fault is an assertion that fails. An error on the way to it, or a test that is gone, is no
proof.
"""

import json
from collections.abc import Collection, Generator
from pathlib import Path

import pytest

BACKENDS = ("sqlite", "postgresql")


class Noticing:
    """Runs no more tests on a store than it takes to notice a fault there.

    Args:
        stores: the kinds of store that are asked for.
        told: the file to which is written what noticed the fault, store by store, and what else failed.
    """

    def __init__(self, stores: Collection[str], told: Path) -> None:
        self._stores = frozenset(stores)
        self._told = told
        self._noticed: dict[str, str] = {}
        self._others: list[str] = []

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the tests on other stores."""
        left_out = [item for item in items if not stores_of(item) & self._stores]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Leave out the tests on a store where it was noticed already."""
        if not stores_of(item) & self._stores - self._noticed.keys():
            pytest.skip("it was noticed there")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """See whether a test has noticed it; with nothing left to be noticed the run ends."""
        report = yield
        if call.excinfo is not None and report.failed:
            what = f"{item.name}: {_first_line(call.excinfo)}"
            if call.when == "call" and _is_assertion(call.excinfo):
                for store in stores_of(item) & self._stores:
                    self._noticed.setdefault(store, what)
            else:
                self._others.append(what)
        if self._noticed.keys() == self._stores:
            item.session.shouldstop = "it was noticed"
        return report

    def pytest_sessionfinish(self) -> None:
        """Write down what came of it."""
        self._told.write_text(json.dumps({"noticed": self._noticed, "others": self._others}))


def stores_of(item: pytest.Item) -> frozenset[str]:
    """Tell on which kinds of store a test is: by its name, or on whichever."""
    named = frozenset(each for each in BACKENDS if each in item.nodeid)
    return named or frozenset(BACKENDS)


def _is_assertion(failed: pytest.ExceptionInfo[BaseException]) -> bool:
    return failed.errisinstance(AssertionError) or _first_line(failed).startswith("Failed: DID NOT RAISE")


def _first_line(failed: pytest.ExceptionInfo[BaseException]) -> str:
    return next(iter(failed.exconly().strip().splitlines()), "")[:200]
