"""Something else that happens in the middle of a request, always at the same point: no chance of threads."""

import contextlib
from collections.abc import Callable, Iterator

from rescind.store import transactions
from tests.servers import Tenant


@contextlib.contextmanager
def once_was_read(tenant: Tenant, marker: str, act: Callable[[], None]) -> Iterator[None]:
    """Do something else, once, right after the server has sent a SELECT that holds this text."""
    left = [act]

    def interrupt(dialect: str, statement: str) -> None:
        is_it = statement.startswith("SELECT") and marker in statement
        for each in [left.pop()] if left and is_it else []:
            each()

    transactions.after_watchers.append(interrupt)
    try:
        yield
    finally:
        transactions.after_watchers.remove(interrupt)
        assert left == []
