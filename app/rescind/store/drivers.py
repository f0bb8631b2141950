"""Engines for SQLite and PostgreSQL: what is set on each connection, and how long each may wait.

Both run in the driver's autocommit mode: a read is one statement and one round trip, and a writing unit
says BEGIN and COMMIT itself (see `rescind.store.engine`).
"""

import contextlib
import os
import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from rescind.store import postgresql
from rescind.store.deadlines import Deadlines
from rescind.store.tables import SCHEMA

POOL_WAIT_SECONDS = 2.5
FROZEN_SECONDS = 5
BUSY_MILLISECONDS = 2000
# A connection that was used a moment ago is not asked whether it lives: that saves a round trip.
TRUSTED_IDLE_SECONDS = 1.0
PATIENT_MILLISECONDS = 600_000
# Of libpq: the connection is open, and it is in no transaction.
_OPEN = _IN_NONE = 0


def wait_seconds(patient: bool) -> float:
    """Give how long a unit of work queues before it is given up."""
    return PATIENT_MILLISECONDS / 1000 if patient else POOL_WAIT_SECONDS


def make_engine(url: URL, *, pool_size: int, patient: bool = False, is_pooled: bool = False) -> Engine:
    """Make an engine for the store.

    Args:
        url: a SQLite file or a PostgreSQL database.
        pool_size: connections that this process may hold.
        patient: for migrations, whose statements may take minutes.
        is_pooled: PostgreSQL's sessions are handed out by the transaction, by a pooler in front of it.
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
    return _postgresql(url, options, patient=patient, is_pooled=is_pooled)


def is_idle(connection: Any) -> bool:
    """Tell of a driver's connection whether it is open and in no transaction."""
    if connection is None:
        return False
    if isinstance(connection, sqlite3.Connection):
        return not connection.in_transaction
    # As numbers: this is asked once a request.
    return bool(connection.pgconn.status == _OPEN and connection.pgconn.transaction_status == _IN_NONE)


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


def _postgresql(url: URL, options: dict[str, Any], *, patient: bool, is_pooled: bool) -> Engine:
    engine = create_engine(
        url,
        **options,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_use_lifo=True,
        connect_args=postgresql.arguments(url, is_patient=patient, is_pooled=is_pooled),
    )
    deadlines = None if patient else Deadlines(FROZEN_SECONDS)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        try:
            postgresql.set_up(connection, record.info, is_patient=patient, is_pooled=is_pooled)
        except BaseException:
            if deadlines is not None:
                deadlines.disarm(connection)
            connection.close()
            raise
        # Whatever a session's search path was when SQLAlchemy asked: it is ours within a unit of work.
        engine.dialect.default_schema_name = "public"

    if deadlines is not None:
        _watch(engine, deadlines)
    return engine


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
