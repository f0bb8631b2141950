"""Several processes on one store: none starves, and none speaks on another's connection."""

from rescind.store.engine import Store
from tests import stores
from tests.store.apart import at_once
from tests.store.writing import (
    count,
    work_on_both_sides_of_a_fork,
    write_after_a_fork_inside_a_transaction,
    write_for,
)

SECONDS = 2.0


def test_of_two_processes_that_write_all_the_time_neither_starves(empty_url: str, empty_store: Store) -> None:
    stores.migrate(empty_url)

    ends = at_once(write_for, (empty_url, "one", SECONDS), (empty_url, "two", SECONDS))

    commits = [count(empty_store, "one"), count(empty_store, "two")]
    assert ends == [0, 0]
    assert min(commits) >= sum(commits) / 4
    assert sum(commits) > 20


def test_a_store_may_be_used_on_both_sides_of_a_fork(empty_url: str, empty_store: Store) -> None:
    stores.migrate(empty_url)

    ends = at_once(work_on_both_sides_of_a_fork, (empty_url, 50))

    assert ends == [0]
    assert [count(empty_store, name) for name in ("before", "parent", "child")] == [1, 50, 50]


def test_a_child_forked_inside_a_transaction_does_not_keep_the_turn(
    empty_url: str, empty_store: Store
) -> None:
    stores.migrate(empty_url)

    ends = at_once(write_after_a_fork_inside_a_transaction, (empty_url,))

    assert ends == [0]
    assert count(empty_store, "after") == 1
