"""Engines for SQLite and PostgreSQL: what is set on each connection, and how long each may wait.

Both run in the driver's autocommit mode: a read is one statement and one round trip, and a writing unit
says BEGIN and COMMIT itself (see `rescind.store.engine`).
"""

import contextlib
import logging
import os
import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from rescind.store.deadlines import Deadlines
from rescind.store.tables import SCHEMA

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2
LOCK_MILLISECONDS = 2500
STATEMENT_MILLISECONDS = 3000
POOL_WAIT_SECONDS = 2.5
FROZEN_SECONDS = 5
BUSY_MILLISECONDS = 2000
# A connection that was used a moment ago is not asked whether it lives: that saves a round trip.
TRUSTED_IDLE_SECONDS = 1.0
# A client that stops in the middle of a transaction holds its locks no longer than this.
IDLE_MILLISECONDS = 5000
PATIENT_MILLISECONDS = 600_000
# More than there are statements: a plan that is kept is never thrown away for another.
MOST_PREPARED = 500

COMMIT_IN_DOUBT = "rescind_commit_in_doubt"


def wait_seconds(patient: bool) -> float:
    """Give how long a unit of work queues before it is given up."""
    return PATIENT_MILLISECONDS / 1000 if patient else POOL_WAIT_SECONDS


def make_engine(url: URL, *, pool_size: int, patient: bool = False) -> Engine:
    """Make an engine for the store.

    Args:
        url: a SQLite file or a PostgreSQL database.
        pool_size: connections that this process may hold.
        patient: for migrations, whose statements may take minutes.
    """
    options = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": POOL_WAIT_SECONDS,
        "hide_parameters": True,
        # Units of work end their transactions themselves, and what is left in one is not given back.
        "pool_reset_on_return": None,
    }
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, options, busy=PATIENT_MILLISECONDS if patient else BUSY_MILLISECONDS)
    return _postgresql(url, options, patient=patient)


def is_idle(connection: Any) -> bool:
    """Tell of a driver's connection whether it is open and in no transaction."""
    if connection is None:
        return False
    if isinstance(connection, sqlite3.Connection):
        return not connection.in_transaction
    return bool(not connection.closed and connection.info.transaction_status.name == "IDLE")


def _sqlite(url: URL, options: dict[str, Any], *, busy: int) -> Engine:
    engine = create_engine(url, **options, execution_options={"schema_translate_map": {SCHEMA: None}})

    @event.listens_for(engine, "do_connect")
    def make_private(*_: Any) -> None:
        # SQLite would make a new file for everybody to read. A missing folder is for SQLite to complain of.
        with contextlib.suppress(OSError):
            os.close(os.open(str(url.database), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={busy}")
        _use_wal(connection, time.monotonic() + BUSY_MILLISECONDS / 1000)
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _use_wal(connection: sqlite3.Connection, until: float) -> None:
    """Change the mode of a new file.

    When several processes do it at once, SQLite lets all but one fail, and has none of them wait. To ask
    which mode the file has is free.
    """
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        if time.monotonic() >= until:
            raise sqlite3.OperationalError("the file can't be used in WAL mode")
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
        time.sleep(0.01)


def _postgresql(url: URL, options: dict[str, Any], *, patient: bool) -> Engine:
    limits = {
        "statement_timeout": PATIENT_MILLISECONDS if patient else STATEMENT_MILLISECONDS,
        "lock_timeout": PATIENT_MILLISECONDS if patient else LOCK_MILLISECONDS,
        "idle_in_transaction_session_timeout": PATIENT_MILLISECONDS if patient else IDLE_MILLISECONDS,
        # A role that is named like our schema would otherwise put the schema on its path.
        "search_path": "public",
        # Compiling a plan takes longer than running any of ours.
        "jit": "off",
    }
    server_settings = " ".join(f"-c {name}={value}" for name, value in limits.items())
    engine = create_engine(
        url,
        **options,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"{url.query.get('options', '')} {server_settings}".strip(),
            "application_name": "rescind",
        },
    )
    event.listen(engine, "connect", _speak_alike)
    event.listen(engine, "connect", _make_commits_durable)
    if not patient:
        _watch(engine, Deadlines(FROZEN_SECONDS))
    return engine


def _speak_alike(connection: Any, record: Any) -> None:
    """Send whole numbers always as the same type: by its size each would be another statement to prepare."""
    from psycopg.types.numeric import Int8BinaryDumper

    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.prepared_max = MOST_PREPARED


def _make_commits_durable(connection: Any, record: Any) -> None:
    """Refuse the two ways in which PostgreSQL says COMMIT without having made it safe.

    With `synchronous_commit=off` it answers before the disk has the record; so the session says `on`, which
    a later change of the server's own settings does not undo. With a synchronous standby that is gone, a
    wait that is cancelled ends in a COMMIT without an error, with only a warning.
    """
    row = connection.execute(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync')"
    ).fetchone()
    if row[0] in {"off", "local", "on"}:
        connection.execute("SET synchronous_commit = on")
    if row[1] == "off":
        log.warning("fsync is off in PostgreSQL: a crash of its machine can undo revocations")

    def note(diagnostic: Any) -> None:
        if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.sqlstate == "01000":
            record.info[COMMIT_IN_DOUBT] = True

    connection.add_notice_handler(note)


def _watch(engine: Engine, deadlines: Deadlines) -> None:
    used_at = "rescind_used_at"
    # When a connection was last found broken: others of that time may be so too.
    broken_at = 0.0

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, arguments: Any, options: Any) -> Any:
        connection = dialect.connect(*arguments, **options)
        # The statements that set it up wait for the server too.
        deadlines.arm(connection)
        return connection

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, proxy: Any) -> None:
        deadlines.arm(connection)
        used = record.info.get(used_at, time.monotonic())
        if used < broken_at or time.monotonic() - used > TRUSTED_IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                deadlines.disarm(connection)
                raise InvalidatePoolError from error

    @event.listens_for(engine, "checkin")
    def given_back(connection: Any, record: Any) -> None:
        if connection is not None:
            deadlines.disarm(connection)
            record.info[used_at] = time.monotonic()

    @event.listens_for(engine, "close")
    def closed(connection: Any, record: Any) -> None:
        deadlines.disarm(connection)

    @event.listens_for(engine, "invalidate")
    def invalidated(connection: Any, record: Any, error: Any) -> None:
        nonlocal broken_at
        broken_at = time.monotonic()
        deadlines.disarm(connection)
