"""Engines for SQLite and PostgreSQL: what is set on each connection, and how long each may wait.

Both run in the driver's autocommit mode: a read is one statement and one round trip, and a writing unit
says BEGIN and COMMIT itself (see `rescind.store.engine`).
"""

import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from rescind.store.deadlines import Deadlines
from rescind.store.tables import SCHEMA

CONNECT_SECONDS = 2
LOCK_MILLISECONDS = 2500
STATEMENT_MILLISECONDS = 3000
POOL_WAIT_SECONDS = 2.5
FROZEN_SECONDS = 5
BUSY_MILLISECONDS = 2000
# A connection that was used a moment ago is not asked whether it lives: that saves a round trip.
TRUSTED_IDLE_SECONDS = 1.0
PATIENT_MILLISECONDS = 600_000

COMMIT_IN_DOUBT = "rescind_commit_in_doubt"


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
    }
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, options)
    return _postgresql(url, options, patient=patient)


def _sqlite(url: URL, options: dict[str, Any]) -> Engine:
    engine = create_engine(url, **options, execution_options={"schema_translate_map": {SCHEMA: None}})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        # Changing the mode needs the file for itself; asking for the mode it has does not.
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _postgresql(url: URL, options: dict[str, Any], *, patient: bool) -> Engine:
    statement, lock = (
        (PATIENT_MILLISECONDS, PATIENT_MILLISECONDS)
        if patient
        else (STATEMENT_MILLISECONDS, LOCK_MILLISECONDS)
    )
    # search_path: a role that is named like our schema would otherwise put the schema on its path.
    server_settings = f"-c search_path=public -c statement_timeout={statement} -c lock_timeout={lock}"
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
    event.listen(engine, "connect", _make_commits_durable)
    if not patient:
        _watch(engine, Deadlines(FROZEN_SECONDS))
    return engine


def _make_commits_durable(connection: Any, record: Any) -> None:
    """Refuse the two ways in which PostgreSQL says COMMIT without having made it safe.

    With `synchronous_commit=off` it answers before the disk has the record. With a synchronous standby
    that is gone, a wait that is cancelled ends in a COMMIT without an error, with only a warning.
    """
    if connection.execute("SHOW synchronous_commit").fetchone()[0] == "off":
        connection.execute("SET synchronous_commit = on")

    def note(diagnostic: Any) -> None:
        if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.sqlstate == "01000":
            record.info[COMMIT_IN_DOUBT] = True

    connection.add_notice_handler(note)


def _watch(engine: Engine, deadlines: Deadlines) -> None:
    used_at = "rescind_used_at"

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, proxy: Any) -> None:
        deadlines.arm(connection)
        if time.monotonic() - record.info.get(used_at, float("inf")) > TRUSTED_IDLE_SECONDS:
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
        deadlines.disarm(connection)
