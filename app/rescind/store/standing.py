"""Which PostgreSQL it is that answers, and whether it has to be asked for its standing.

Two servers can both take themselves for the primary: one that was given up, and the standby that was promoted
in its place. They differ in their timeline; and one that was started anew may have become something else.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import select
from sqlalchemy.sql.functions import FunctionElement

from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import clients
from rescind.store.writes import Write

# What a standby says of itself, in place of its timeline.
STANDBY = "standby"
_FIRST_TIMELINE = "00000001"

# What an error says of it, and its kind.
STANDBY_REFUSED = (
    "This PostgreSQL is a standby, which may lag behind: RESCIND_DATABASE_URL has to lead to the primary.",
    "a standby",
)

# Of no server in recovery, which has no place of its own in the log. Whatever the time zone of a session is.
IDENTITY_SQL = (
    "left(pg_walfile_name(pg_current_wal_lsn()), 8)"
    " || '/' || extract(epoch FROM pg_postmaster_start_time())::text"
)
NAMES_SQL = "current_setting('synchronous_standby_names')"


@dataclass(frozen=True, slots=True)
class Server:
    """A primary that a connection has reached.

    Attributes:
        identity: its timeline and when it was started.
        has_standby: whether its commits wait for one.
    """

    identity: str
    has_standby: bool

    @property
    def may_follow_another(self) -> bool:
        """Tell whether there may be another that was the primary before, and has not noticed."""
        return self.has_standby or not self.identity.startswith(_FIRST_TIMELINE)


class _Standing(FunctionElement[str]):
    """On what a statement was answered: a primary that waits for a standby, by its identity; else NULL."""

    type = Text()
    inherit_cache = True


@compiles(_Standing, "postgresql")
def _on_postgresql(element: _Standing, compiler: Any, **_: Any) -> str:
    return (
        f"CASE WHEN pg_is_in_recovery() THEN '{STANDBY}'"
        f" WHEN {NAMES_SQL} = '' THEN NULL ELSE {IDENTITY_SQL} END"
    )


@compiles(_Standing, "sqlite")
def _on_sqlite(element: _Standing, compiler: Any, **_: Any) -> str:
    return "NULL"


STANDING = _Standing()
ASK_STANDING = plain(select(STANDING.label("standing")))
# Locks a row of the tenant's as lightly as can be: that is a record in the log of its machine, for which the
# commit waits, and it keeps nobody else waiting.
CONFIRM: Write[tuple[str, str | None]] = Write(
    select(clients.c.client_id, STANDING.label("standing"))
    .where(clients.c.tenant_id == TENANT_ID)
    .limit(1)
    .with_for_update(read=True, key_share=True)
)
