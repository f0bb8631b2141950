"""Connections to PostgreSQL: what a session is asked for, whether it has it, and which are refused.

On a connection of our own all of it is asked for when connecting, and read back once. Behind a pooler that
hands a server's session out by the transaction nothing is of any use but within a transaction: there each
unit that writes says anew what it needs.
"""

import logging
from typing import Any

from sqlalchemy import URL

from rescind.errors import StoreUnavailable
from rescind.store import citus
from rescind.store.standing import IDENTITY_SQL, NAMES_SQL, STANDBY_REFUSED, Server

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2
# More than there are statements: a plan that is kept is never thrown away for another.
MOST_PREPARED = 500

COMMIT_IN_DOUBT = "rescind_commit_in_doubt"
SERVER = "rescind_server"
UNIT = "rescind_unit"
IS_DISTRIBUTED = "rescind_is_distributed"

# All values as PostgreSQL shows them, so that they can be compared with what is read back.
SETTINGS = {
    "statement_timeout": "3s",
    "lock_timeout": "2500ms",
    # A client that stops in the middle of a transaction holds its locks no longer than this.
    "idle_in_transaction_session_timeout": "5s",
    # A role that is named like our schema would otherwise put the schema on its path.
    "search_path": "public",
    # Compiling a plan takes longer than running any of ours.
    "jit": "off",
}
_TIMEOUTS = [name for name in SETTINGS if name.endswith("_timeout")]
_PATIENT = SETTINGS | dict.fromkeys(_TIMEOUTS, "10min")
# Every statement of a request finds its rows by keys. A plan that was made while the tables were empty would
# go through all rows, and be kept until the tables are analyzed; so no such plan is made (see `young`, too).
SETTINGS |= dict.fromkeys(
    ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"), "off"
)

# With `off` and `local` PostgreSQL says COMMIT before the disk or the standby has it. Said in the session, it
# is not undone by a later change of the server's own settings.
_DURABLE_SQL = (
    "CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'"
    " ELSE current_setting('synchronous_commit') END"
)
_SERVER_SQL = f"{NAMES_SQL} <> '', CASE WHEN NOT pg_is_in_recovery() THEN {IDENTITY_SQL} END"


def arguments(url: URL, *, is_patient: bool, is_pooled: bool) -> dict[str, Any]:
    """Give what the driver is told when it connects.

    Args:
        is_patient: for migrations, whose statements may take minutes.
        is_pooled: others use the server's sessions too, so nothing may be left in them.
    """
    told: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "rescind"}
    if is_pooled:
        return {**told, "prepare_threshold": None}
    asked = " ".join(f"-c {name}={value}" for name, value in _asked(is_patient).items())
    return {**told, "options": f"{url.query.get('options', '')} {asked}".strip()}


def unit(*, is_patient: bool, is_distributed: bool = False) -> str:
    """Give how a unit of work begins behind a pooler or on Citus; the last row says which server it is."""
    if is_distributed:
        return citus.unit(_asked(is_patient), f"{_SERVER_SQL}, current_setting('synchronous_commit')")
    asked = {"synchronous_commit": _DURABLE_SQL}
    asked |= {name: f"'{value}'" for name, value in _asked(is_patient).items()}
    said = ", ".join(f"set_config('{name}', {value}, true)" for name, value in asked.items())
    return f"BEGIN; SELECT {_SERVER_SQL}, {said}"


def server_of(row: Any) -> Server:
    """Tell which server has begun a unit of work.

    Raises:
        StoreUnavailable: it is none that may write.
    """
    has_standby, identity, synchronous_commit, *_ = row
    if identity is None:
        raise StoreUnavailable(*STANDBY_REFUSED)
    if synchronous_commit in {"off", "local"}:
        raise StoreUnavailable(*_NOT_TAKEN_OVER, is_lasting=True)
    return Server(identity, has_standby)


def set_up(connection: Any, info: dict[str, Any], *, is_patient: bool, is_pooled: bool) -> None:
    """Make a new connection ready, and note in `info` which server it leads to and how units begin.

    Raises:
        StoreUnavailable: it leads to a standby, or to a pooler that nobody has told us of, or the session is
            not what it was asked to be.
    """
    _speak_alike(connection)
    asked = {} if is_pooled else _asked(is_patient)
    row = connection.execute(_read_back(connection.info.backend_pid, asked, is_pooled=is_pooled)).fetchone()
    pid, fsync, synchronous_commit, is_citus, has_standby, identity, *found = row
    if not is_pooled and pid != connection.info.backend_pid:
        raise StoreUnavailable(*_POOLER, is_lasting=True)
    if found != list(asked.values()) or (synchronous_commit in {"off", "local"} and not is_pooled):
        raise StoreUnavailable(*_NOT_TAKEN_OVER, is_lasting=True)
    if identity is None:
        raise StoreUnavailable(*STANDBY_REFUSED)
    if fsync == "off":
        log.warning("fsync is off in PostgreSQL: a crash of its machine can undo revocations")
    info[SERVER] = Server(identity, has_standby)
    info[IS_DISTRIBUTED] = is_distributed = (
        is_citus and connection.execute(citus.IS_DISTRIBUTED).fetchone()[0]
    )
    is_in_units = is_pooled or is_distributed
    info[UNIT] = unit(is_patient=is_patient, is_distributed=is_distributed) if is_in_units else None

    def note(diagnostic: Any) -> None:
        # While a commit is under way it means that PostgreSQL has committed and can't say that all is well:
        # the wait for a standby was cancelled, or one of several machines did not hear of it.
        if diagnostic.severity_nonlocalized == "WARNING":
            info[COMMIT_IN_DOUBT] = True

    connection.add_notice_handler(note)


_POOLER = (
    "A connection pooler stands in front of PostgreSQL: set RESCIND_DATABASE_POOLER=transaction.",
    "a connection pooler",
)
_NOT_TAKEN_OVER = (
    "PostgreSQL's session is not what it was asked to be. If a connection pooler stands in front, set"
    " RESCIND_DATABASE_POOLER=transaction.",
    "the session's settings",
)


def _asked(is_patient: bool) -> dict[str, str]:
    return _PATIENT if is_patient else SETTINGS


def _read_back(pid: int, asked: dict[str, str], *, is_pooled: bool) -> str:
    """Give the one statement that reads all of a session, and has its commits be durable."""
    durable = "current_setting('synchronous_commit')"
    if not is_pooled:
        # A session that is not ours alone is left as it is.
        said = f"set_config('synchronous_commit', {_DURABLE_SQL}, false)"
        durable = f"CASE WHEN pg_backend_pid() = {pid} THEN {said} ELSE {durable} END"
    read = ", ".join(["", *[f"current_setting('{name}')" for name in asked]])
    return (
        f"SELECT pg_backend_pid(), current_setting('fsync'), {durable}, {citus.IS_THERE}, {_SERVER_SQL}{read}"
    )


def _speak_alike(connection: Any) -> None:
    """Send whole numbers always as the same type: by its size each would be another statement to prepare."""
    from psycopg.types.numeric import Int8BinaryDumper

    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.prepared_max = MOST_PREPARED
