"""Something else that happens in the middle of a request, always at the same point: no chance of threads."""

import contextlib
from collections.abc import Callable, Iterator

from rescind.store import transactions
from tests.servers import Tenant


@contextlib.contextmanager
def once_was_read(tenant: Tenant, marker: str, act: Callable[[], None]) -> Iterator[None]:
    """Do something else, once, between a SELECT of the server's that holds this text and what it sends next."""
    left, passed = [act], [False]

    def interrupt(dialect: str, statement: str) -> None:
        # What the act itself sends comes here too.
        for each in [left.pop()] if left and passed[0] else []:
            each()
        passed[0] = passed[0] or (statement.startswith("SELECT") and marker in statement)

    transactions.watchers.append(interrupt)
    try:
        yield
    finally:
        transactions.watchers.remove(interrupt)
        assert left == []
