"""A server that is measured, and what the benchmark asks of it beside HTTP."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import NullPool, create_engine, text

from tests.benchmarks.kinds import Kind
from tests.benchmarks.serving import Process


@dataclass(frozen=True)
class Account:
    """A client of a server, which sends requests of one kind.

    Attributes:
        path: of the endpoint.
        basic: its Authorization header.
        issue: makes so many tokens of the kind that its requests bring.
        count: counts the rows that its requests have changed; told how many tokens it was issued, for a
            server that deletes what it revokes.
    """

    path: str
    basic: str
    issue: Callable[[int], list[str]]
    count: Callable[[int], int]


@dataclass(frozen=True)
class Contender:
    """A server that is measured."""

    name: str
    store: str
    process: Process
    url: str
    account: Callable[[Kind], Account]

    def settle(self) -> None:
        """Have PostgreSQL do what it would do by itself within minutes; else some round would pay for it.

        Until then it goes by plans that it made while the tables were empty.
        """
        if self.store == "postgresql":
            for statement in ("VACUUM (ANALYZE)", "CHECKPOINT"):
                self._run(statement)

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def count(url: str, statement: str, **values: object) -> int:
    """Count rows by a statement, on a connection of its own."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return int(connection.execute(text(statement), values).scalar_one())
