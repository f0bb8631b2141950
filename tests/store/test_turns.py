"""Several processes on one store: none starves, and none speaks on another's connection."""

from rescind.store.engine import Store
from tests.store.apart import at_once
from tests.store.writing import (
    count,
    work_on_both_sides_of_a_fork,
    write_after_a_fork_inside_a_transaction,
    write_for,
)

SECONDS = 2.0


def test_of_two_processes_that_write_all_the_time_neither_starves(own_url: str, own_store: Store) -> None:
    ends = at_once(write_for, (own_url, "one", SECONDS), (own_url, "two", SECONDS))

    commits = [count(own_store, "one"), count(own_store, "two")]
    assert ends == [0, 0]
    assert min(commits) >= sum(commits) / 4
    assert sum(commits) > 20


def test_a_store_may_be_used_on_both_sides_of_a_fork(own_url: str, own_store: Store) -> None:
    ends = at_once(work_on_both_sides_of_a_fork, (own_url, 50))

    assert ends == [0]
    assert [count(own_store, name) for name in ("before", "parent", "child")] == [1, 50, 50]


def test_a_child_forked_inside_a_transaction_does_not_keep_the_turn(own_url: str, own_store: Store) -> None:
    ends = at_once(write_after_a_fork_inside_a_transaction, (own_url,))

    assert ends == [0]
    assert count(own_store, "after") == 1
