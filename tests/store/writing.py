"""What processes of their own do to a store in the tests of turns and forks."""

import os
import time

from sqlalchemy import text

from rescind.store.engine import Store
from tests.store.apart import opened


def write_for(url: str, name: str, seconds: float) -> None:
    """Commit row after row for a time."""
    with opened(url) as store:
        until = time.monotonic() + seconds
        number = 0
        while time.monotonic() < until:
            write(store, f"{name}-{number}")
            number += 1


def write(store: Store, name: str) -> None:
    """Commit one row."""
    with store.opened(is_writing=True) as tx:
        tx.execute(text(_INSERT.format("" if store.is_sqlite else "rescind.")), {"name": name})


def count(store: Store, name: str) -> int:
    """Count the rows that were written under a name."""
    statement = f"SELECT count(*) FROM {'' if store.is_sqlite else 'rescind.'}tenants WHERE name LIKE :name"
    with store.opened() as tx:
        return int(tx.execute(text(statement), {"name": f"{name}-%"}).scalar_one())


def work_on_both_sides_of_a_fork(url: str, rounds: int) -> None:
    """Fork with a used connection in the pool; then both go on with it, at the same time."""
    with opened(url) as store:
        write(store, "before-0")
        child = os.fork()
        name = "parent" if child else "child"
        for number in range(rounds):
            write(store, f"{name}-{number}")
            assert count(store, name) == number + 1
        if child == 0:
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0


def write_after_a_fork_inside_a_transaction(url: str) -> None:
    """Fork while the turn is held. The child lives on, and must not hold the turn for ever."""
    with opened(url) as store:
        with store.opened(is_writing=True):
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(writer)
                os.read(reader, 1)
                os._exit(0)
        write(store, "after-0")
        os.close(writer)
        os.waitpid(child, 0)


_INSERT = "INSERT INTO {}tenants (name, epoch, created_at, settings) VALUES (:name, 0, 1, '{{}}')"
