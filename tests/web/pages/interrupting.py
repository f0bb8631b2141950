"""Something else that happens in the middle of a request, always at the same point: no chance of threads."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import event

from tests.servers import Tenant


@contextlib.contextmanager
def once_was_read(tenant: Tenant, marker: str, act: Callable[[], None]) -> Iterator[None]:
    """Do something else, once, right after the server has sent a SELECT that holds this text."""
    left, engine = [act], tenant.server.authority.store.engine

    def interrupt(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        is_it = statement.startswith("SELECT") and marker in statement
        for each in [left.pop()] if left and is_it else []:
            each()

    event.listen(engine, "after_cursor_execute", interrupt)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", interrupt)
        assert left == []
