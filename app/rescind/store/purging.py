"""Statements that find and delete rows which can no longer matter, a bounded batch at a time.

Of every row it was worked out when it was written, or ended, from when on it can matter no more: `purge_at`.
All of them go by the index on (tenant_id, purge_at), from where the batch before has stopped: what is gone
stays in an index until it is vacuumed, and to step over it again for each batch would cost ever more.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Table,
    any_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
    text,
)

from rescind.store import sweeping
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Store, Transaction
from rescind.store.shapes import Row, Shape
from rescind.store.statements import POSTGRESQL, SQLITE, Statement, plain
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import (
    clients,
    deliveries,
    device_codes,
    grants,
    personal_tokens,
    registration_tokens,
    revocations,
    session_clients,
    sessions,
    sign_in_attempts,
    signing_keys,
    tenants,
    tokens,
    used_assertions,
)

_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(tokens, codes, grants, session_clients, sessions, signing_keys, used_assertions, sign_in_attempts),
        *(device_codes, personal_tokens, registration_tokens, clients),
        # A record of a revocation goes behind what was to be told of it.
        *(deliveries, revocations),
    )
}
STEPS = tuple(_TABLES)

_SINCE = bindparam("since", type_=BigInteger)
_MOST = bindparam("most", type_=BigInteger)
_NONE, _ONE = literal_column("0", BigInteger), literal_column("1", BigInteger)
# Where a row lies. The index tells, so that no other index is searched for what goes; and whatever the key of
# a table is made of, just the rows that were looked at are meant.
_CTID: ColumnElement[Any] = column("ctid")
_ROWID: ColumnElement[Any] = column("rowid")
_NOBODY_TO_TELL = ~exists().where(
    deliveries.c.tenant_id == TENANT_ID, deliveries.c.event_id == revocations.c.id
)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due of a tenant's: of each step that has such rows, since when the first of them is."""

    tenant_id: int
    tenant: str
    since: dict[str, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did.

    Attributes:
        looked_at: how many rows that were due.
        gone: how many of them; a record of what is still to be told stays, and a row that changes meanwhile.
        until: since when the last of them was due; None where there was none.
    """

    looked_at: int
    gone: int
    until: int | None


def _due_at(table: Table) -> Column[int]:
    """Say which column tells when a row is due. Of clients not all go that are: see `sweeping`."""
    return table.c.sweep_at if table is clients else table.c.purge_at


def _is_due(table: Table) -> ColumnElement[bool]:
    return (table.c.tenant_id == TENANT_ID) & (_due_at(table) <= NOW)


def _may_go(table: Table) -> list[ColumnElement[bool]]:
    if table is clients:
        return [sweeping.MAY_GO]
    return [_NOBODY_TO_TELL] if table is revocations else []


def _batch(table: Table, *columns: ColumnElement[Any]) -> Any:
    return (
        select(*columns, table.c.purge_at)
        .where(_is_due(table), table.c.purge_at >= _SINCE)
        .order_by(table.c.purge_at)
        .limit(_MOST)
    )


def _deleting_on_postgresql(table: Table) -> Statement[Batch]:
    # Rows that somebody holds are not waited for: they go the next time.
    batch = _batch(table, _CTID).with_for_update(skip_locked=True).cte("batch")
    gone = (
        delete(table)
        .where(_is_due(table), any_(func.array(select(batch.c.ctid).scalar_subquery())) == _CTID)
        .where(*_may_go(table))
        .returning(_ONE)
        .cte("gone")
    )
    shape = Shape(
        Batch,
        looked_at=select(func.count()).select_from(batch).scalar_subquery(),
        gone=select(func.count()).select_from(gone).scalar_subquery(),
        until=select(func.max(batch.c.purge_at)).scalar_subquery(),
    )
    return Statement({POSTGRESQL: select(*shape.columns)}, shape, is_prepared=False)


def _looking_on_sqlite(table: Table) -> Statement[Batch]:
    batch = _batch(table).subquery()
    shape = Shape(Batch, looked_at=func.count(), gone=_NONE, until=func.max(batch.c.purge_at))
    return Statement({SQLITE: select(*shape.columns).select_from(batch)}, shape)


def _deleting_on_sqlite(table: Table) -> Statement[Any]:
    rowids = select(_batch(table, _ROWID).subquery().c.rowid)
    return plain(
        {SQLITE: delete(table).where(_is_due(table), _ROWID.in_(rowids), *_may_go(table)).returning(_ONE)}
    )


def _finding(tenant_id: ColumnElement[int]) -> Any:
    """Read tenants and of each table since when the first row of theirs is due.

    One index is asked for one row each, whatever the planner knows of the tables: it can't take EXISTS, of
    which it may look through all the rows there are, for all tenants at once.
    """
    first = [
        select(_due_at(table))
        .where(table.c.tenant_id == tenant_id, _due_at(table) <= NOW)
        .order_by(_due_at(table))
        .limit(literal_column("1"))
        .scalar_subquery()
        .label(step)
        for step, table in _TABLES.items()
    ]
    return select(tenants.c.id, tenants.c.name, *first)


def _counting(table: Table) -> Statement[Any]:
    due = select(_ONE).where(_is_due(table), *_may_go(table)).limit(_MOST)
    return plain(select(func.count()).select_from(due.subquery()))


# Whatever the planner takes a tenant to have, and be it all due: no other index than ours has the order.
BY_ITS_INDEX = plain({POSTGRESQL: text("SET LOCAL enable_sort = off")})
_IN_TURN = (tenants.c.id > bindparam("after", type_=BigInteger),)
_NAMES = plain(select(tenants.c.id, tenants.c.name).where(*_IN_TURN).order_by(tenants.c.id).limit(_MOST))
FIND_DUE = plain(
    _finding(tenants.c.id).where(*_IN_TURN).order_by(tenants.c.id).limit(_MOST), is_prepared=False
)
_FIND_OF_ONE = plain(_finding(TENANT_ID).where(tenants.c.id == TENANT_ID))
_COUNT = {step: _counting(table) for step, table in _TABLES.items()}
_PURGED = {step: table for step, table in _TABLES.items() if table is not clients}
_DELETE = {step: _deleting_on_postgresql(table) for step, table in _PURGED.items()}
_LOOK_ON_SQLITE = {step: _looking_on_sqlite(table) for step, table in _PURGED.items()}
_DELETE_ON_SQLITE = {step: _deleting_on_sqlite(table) for step, table in _PURGED.items()}


def list_tenants(tx: Transaction, *, after: int, limit: int) -> list[Due]:
    """List tenants behind an id, disabled or not, `limit` of them, as if all that is theirs were due."""
    found = tx.rows(_NAMES, after=after, most=limit)
    return [Due(tenant_id, name, dict.fromkeys(STEPS, 0)) for tenant_id, name in found]


def find_due(tx: Transaction, *, after: int, limit: int) -> list[Due]:
    """List the same tenants, with what is due of each: one statement, that no distributed database takes."""
    return [_due(row) for row in tx.rows(FIND_DUE, after=after, most=limit)]


def find_due_of(tx: Transaction, tenant_id: int) -> Due:
    """Tell what of one tenant's is due."""
    (row,) = tx.rows(_FIND_OF_ONE, tenant_id=tenant_id)
    return _due(row)


def count(tx: Transaction, tenant_id: int, step: str, *, limit: int) -> int:
    """Count the rows of a step that could go now, up to `limit`."""
    return int(tx.value(_COUNT[step], tenant_id=tenant_id, most=limit))


def most_at_once(step: str, rows: int) -> int:
    """Tell how many of the rows that are asked for a batch of a step looks at."""
    return min(rows, sweeping.MOST_AT_ONCE) if step == clients.name else rows


def delete_batch(
    store: Store, tenant_id: int, step: str, *, since: int, limit: int, client_kept_seconds: int
) -> Batch:
    """Look at the next rows of a step that are due, `limit` of them at most, delete what may go, and commit.

    Args:
        since: rows that were due before that are left alone.
        client_kept_seconds: how much longer a client is kept that has been given something.

    Raises:
        StoreUnavailable: not known what is gone. The same call may be made again.
    """
    if step == clients.name:
        return store.transact(
            lambda tx: _sweep(
                store, tx, tenant_id, since=since, limit=limit, kept_seconds=client_kept_seconds
            )
        )
    values = {"tenant_id": tenant_id, "since": since, "most": limit}
    delete_ = _delete_on_sqlite if store.is_sqlite else _delete_on_postgresql
    return store.transact(lambda tx: delete_(tx, step, values))


def _sweep(
    store: Store, tx: Transaction, tenant_id: int, *, since: int, limit: int, kept_seconds: int
) -> Batch:
    if not store.is_sqlite:
        tx.rows(BY_ITS_INDEX)
    found, gone = sweeping.sweep(tx, tenant_id, since=since, limit=limit, kept_seconds=kept_seconds)
    return Batch(len(found), gone, max((at for _, at in found), default=None))


def _delete_on_postgresql(tx: Transaction, step: str, values: dict[str, int]) -> Batch:
    tx.rows(BY_ITS_INDEX)
    (batch,) = tx.rows(_DELETE[step], **values)
    return batch


def _delete_on_sqlite(tx: Transaction, step: str, values: dict[str, int]) -> Batch:
    (looked_at,) = tx.rows(_LOOK_ON_SQLITE[step], **values)
    return replace(looked_at, gone=len(tx.rows(_DELETE_ON_SQLITE[step], **values)))


def _due(row: Row) -> Due:
    tenant_id, name, *first = row
    since = {step: at for step, at in zip(STEPS, first, strict=True) if at is not None}
    return Due(tenant_id, name, since)
