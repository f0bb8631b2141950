"""Find the migrations, run them, and tell whether a store has them. In a checkout and in a wheel.

A version changes a store in two steps. The first only adds, beside the traffic of workers of this version and
of the one before, who all go on working. The last takes away what only those before needed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from sqlalchemy import Connection, MetaData, inspect, text

from rescind.errors import Refused, StoreUnavailable
from rescind.store import backfilling, blockers, collating
from rescind.store.altering import Altering, Tell, silent
from rescind.store.backfilling import Kept
from rescind.store.drivers import PATIENT_MILLISECONDS
from rescind.store.engine import Store
from rescind.store.migrated import current as current
from rescind.store.migrated import revision as revision_of
from rescind.store.migrated import schema_of
from rescind.store.revisions import head as head
from rescind.store.revisions import left, pending, run
from rescind.store.revisions import state as state
from rescind.store.settling import VERSION_TABLE
from rescind.store.tables import SCHEMA, Base

# Any number, the same in every process: who holds it is the one that migrates.
_MIGRATING = 7009_2013


def upgrade(store: Store, *, tell: Tell = silent) -> None:
    """Bring a store to where this version can use it. Twice, or from two processes at once, does no harm.

    A store that is new gets all steps. Of one that is not, workers of the version before go on working.

    Args:
        tell: called with a sentence when something takes its time.

    Raises:
        Refused: a newer version of the package has migrated it. Nothing was changed.
        StoreUnavailable: what was done stays, and the same call goes on with it.
    """
    with unhurried(store) as patient:
        _advance(patient, tell, with_last_step=False)


def finish(store: Store, kept: Kept, *, is_rebuilding: bool = False, tell: Tell = silent) -> None:
    """Do the same and the last step, for which no worker of the version before may be left.

    Args:
        kept: for how long rows are kept.
        is_rebuilding: change the collation of ids too, for which the tables are locked.
        tell: called with a sentence when something takes its time.

    Raises:
        Refused: a newer version of the package has migrated it. Nothing was changed.
        StoreUnavailable: what was done stays, and the same call goes on with it.
    """
    upgrade(store, tell=tell)
    if state(current(store)) == "expanded":
        backfilling.fill(store, kept, tell=tell)
    with unhurried(store) as patient:
        _advance(patient, tell, with_last_step=True)
        if not store.is_sqlite:
            with changing(patient, tell) as altering:
                _collate(altering, tell, store.command, is_rebuilding=is_rebuilding)


def differences(store: Store) -> list[str]:
    """List what the tables of a store lack or have too much, against the models; empty where they agree.

    What the last step will take away is not too much before it.
    """
    revision = current(store)
    with unhurried(store) as patient, patient.opened() as connection:
        context = MigrationContext.configure(connection, opts=context_options(connection))
        found = compare_metadata(context, target_metadata(connection))
        if state(revision) == "expanded":
            surplus = set(left(revision)[0].module.SURPLUS)
            found = [each for each in found if not (each[0] == "remove_index" and each[1].name in surplus)]
        return [str(difference) for difference in found]


def target_metadata(connection: Connection) -> MetaData:
    """Give the models' metadata as it stands on this database: with a schema of its own, or without."""
    if connection.dialect.name != "sqlite":
        return Base.metadata
    plain = MetaData(naming_convention=Base.metadata.naming_convention)
    for model in Base.metadata.sorted_tables:
        model.to_metadata(plain, schema=cast(str, None))
    return plain


def context_options(connection: Connection) -> dict[str, object]:
    """Give what Alembic is told, the same when it migrates and when it compares."""
    schema = schema_of(connection)
    return {
        "version_table": VERSION_TABLE,
        "version_table_schema": schema,
        "include_schemas": schema is not None,
        "include_name": lambda name, kind, parents: kind != "schema" or name == schema,
        "render_as_batch": schema is None,
        "compare_type": True,
    }


@contextmanager
def unhurried(store: Store) -> Iterator[Store]:
    """Give the store without the short time limits of requests, as DDL may take minutes."""
    patient = store.apart(pool_size=2, patient=True)
    try:
        yield patient
    finally:
        patient.dispose()


def _advance(patient: Store, tell: Tell, *, with_last_step: bool) -> None:
    if patient.is_sqlite:
        with patient.opened(is_writing=True) as connection:
            for script in pending(revision_of(connection), with_last_step=with_last_step):
                run(script, Altering(connection, tell=tell))
        return
    if not pending(current(patient), with_last_step=with_last_step):
        return
    with changing(patient, tell) as altering:
        connection = altering.connection
        # Not IF NOT EXISTS: that asks for the right to create schemas also where there is nothing to do.
        is_empty = not inspect(connection).has_schema(SCHEMA)
        revision = None if is_empty else revision_of(connection)
        scripts = pending(revision, with_last_step=with_last_step)
        if revision is None:
            altering.patiently(lambda: _make(connection, scripts, with_schema=is_empty))
            return
        for script in scripts:
            if getattr(script.module, "stands_beside_traffic", False):
                run(script, altering)
            else:
                altering.patiently(partial(run, script, Altering(connection, tell=tell)))


def _make(connection: Connection, scripts: list[Script], *, with_schema: bool) -> None:
    if with_schema:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    for script in scripts:
        run(script, Altering(connection))


@contextmanager
def changing(patient: Store, tell: Tell) -> Iterator[Altering]:
    """Give a connection of PostgreSQL for changes, one process at a time; what it waits for is told.

    Raises:
        Refused: there is a pooler between, which would hand the statements to one session and another.
    """
    if patient.is_pooled:
        raise Refused(
            "A pooler stands before the database: give RESCIND_DATABASE_URL the database itself for this "
            "command, and set RESCIND_DATABASE_POOLER to none."
        )
    with patient.opened() as connection:
        # To wait for it in a statement would keep an index from being built, which waits for all statements.
        until = time.monotonic() + PATIENT_MILLISECONDS / 1000
        while not connection.execute(text(f"SELECT pg_try_advisory_lock({_MIGRATING})")).scalar():
            if time.monotonic() >= until:
                raise StoreUnavailable("Another process is migrating the store.")
            time.sleep(0.1)
        # An index may take longer.
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        pid = int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        with blockers.told(patient, pid, tell):
            yield Altering(connection, is_beside_traffic=True, tell=tell)
        # Where it was left by an error, the connection is closed; that gives the turn back too.
        connection.execute(text(f"SELECT pg_advisory_unlock({_MIGRATING})"))


def _collate(altering: Altering, tell: Tell, command: str, *, is_rebuilding: bool) -> None:
    if collating.is_collated(altering):
        return
    if is_rebuilding:
        collating.collate(altering)
    else:
        tell(
            "Ids keep the collation of the database, which a new store does not have. To change that, "
            f"with all workers stopped: {command} db upgrade --finish --rebuild"
        )
