"""A store that does not confirm, though the database is there: the driver itself is made to fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.servers import Server


@contextmanager
def failing(server: Server, beginning: str) -> Iterator[None]:
    """Let the driver fail on every statement that begins so."""
    engine = server.authority.store.engine
    error: type[Exception] = engine.dialect.loaded_dbapi.OperationalError

    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(beginning):
            raise error("disk full")

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)
