"""How PostgreSQL can fail: each as a block in which it does, and what is to be seen meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg

from tests.outage.private_postgres import ROLE, PrivatePostgres
from tests.outage.served import ACTIVE, UNAVAILABLE, Shape


@contextmanager
def killed(postgres: PrivatePostgres) -> Iterator[None]:
    """Kill it, and start it again."""
    postgres.kill()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def full(postgres: PrivatePostgres) -> Iterator[None]:
    """Have no connection left for the server."""
    postgres.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
    postgres.cut_connections()
    try:
        yield
    finally:
        postgres.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")


@contextmanager
def locked(postgres: PrivatePostgres) -> Iterator[None]:
    """Hold a table, as a migration or VACUUM FULL would."""
    with psycopg.connect(postgres.url) as other:
        other.execute("LOCK TABLE rescind.tokens IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def read_only(postgres: PrivatePostgres) -> Iterator[None]:
    """Turn it into what a standby is."""
    postgres.configure(default_transaction_read_only="on")
    try:
        yield
    finally:
        postgres.restore()


@dataclass(frozen=True)
class Outage:
    """A way to fail.

    Attributes:
        seconds: within how many each answer comes.
        introspection: what it answers about a token that is active.
        readyz: the status there.
    """

    during: Callable[[PrivatePostgres], AbstractContextManager[None]]
    seconds: float
    introspection: Shape
    readyz: int


OUTAGES = {
    "killed": Outage(killed, 6, UNAVAILABLE, 503),
    "frozen": Outage(PrivatePostgres.frozen, 12, UNAVAILABLE, 503),
    "no connection left": Outage(full, 6, UNAVAILABLE, 503),
    "table locked": Outage(locked, 6, UNAVAILABLE, 200),
    "read-only": Outage(read_only, 6, ACTIVE, 200),
}
