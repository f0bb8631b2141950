"""A store that does not confirm, though the database is there: the driver itself is made to fail."""

from collections.abc import Iterator
from contextlib import contextmanager

from rescind.store import transactions
from tests.servers import Server


@contextmanager
def failing(server: Server, beginning: str) -> Iterator[None]:
    """Let the driver fail on every statement that contains this."""
    engine = server.authority.store.engine
    error: type[Exception] = engine.dialect.loaded_dbapi.OperationalError

    def fail(dialect: str, statement: str) -> None:
        if beginning in statement:
            raise error("disk full")

    transactions.watchers.append(fail)
    try:
        yield
    finally:
        transactions.watchers.remove(fail)
