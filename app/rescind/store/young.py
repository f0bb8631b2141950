"""Plans that a connection keeps, while the tables are still small.

To PostgreSQL one row of a tenant looks like the whole tenant as long as there are few rows: a plan that is
made then may go through all of a tenant's, and is kept, in each connection, until the tables are analyzed.
With traffic from the start that is too late. By how large the files are it makes the right one, so plans that
were made while they were small are thrown away every few seconds.
"""

import time
from typing import Any

from rescind.store.base import SCHEMA

EVERY_SECONDS: float = 5
# From here on each table has more rows than go unnoticed; the largest may have that while others do not.
SMALL_BYTES = 4_000_000
_TABLES = ("clients", "grants", "tokens", "sessions", "authorization_codes", "subjects")
_SIZE = "SELECT " + " + ".join(
    f"coalesce(pg_relation_size(to_regclass('{SCHEMA}.{name}')), 0)" for name in _TABLES
)


class YoungPlans:
    """The plans of one connection, of which the first is about to be made."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._look_at = time.monotonic() + EVERY_SECONDS

    def renew(self) -> bool:
        """Throw the plans away if it is time; gives whether there may be reason to do so again."""
        now = time.monotonic()
        if now < self._look_at:
            return True
        self._look_at = now + EVERY_SECONDS
        self._connection.execute("DISCARD PLANS", prepare=False)
        return bool(self._connection.execute(_SIZE, prepare=False).fetchone()[0] < SMALL_BYTES)
