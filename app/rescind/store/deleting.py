"""All that is kept of a tenant, deleted in batches beside traffic, by the primary keys of its tables."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    any_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
)

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Store, Transaction
from rescind.store.purging import BY_ITS_INDEX
from rescind.store.statements import POSTGRESQL, SQLITE, Statement, plain
from rescind.store.tables import Base, clients, subjects, tenants

# Clients and subjects go last, on which all else hangs.
_LAST = (subjects, clients)
_TABLES: dict[str, Table] = {
    table.name: table
    for table in (*(each for each in Base.metadata.sorted_tables if each not in _LAST), *_LAST)
    # Of one that is known by its tenant alone the one row is no tenant's.
    if "tenant_id" in table.c and len(table.primary_key.columns) > 1
}
STEPS = tuple(_TABLES)

_MOST = bindparam("most", type_=BigInteger)
# Where a row lies: just those that were looked at are meant, whatever the key is made of.
_CTID: ColumnElement[Any] = column("ctid")
_ROWID: ColumnElement[Any] = column("rowid")
# Asked in each batch: nothing goes of a tenant that is opened meanwhile.
_IS_CLOSED = exists().where(tenants.c.id == TENANT_ID, tenants.c.disabled_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Batch:
    """How many rows are gone, and the last key among them; None where none is."""

    gone: int
    last: str | bytes | None


def _key(table: Table) -> Column[Any]:
    _, key, *_ = table.primary_key.columns
    return key


def _deleting(table: Table) -> Statement[Any]:
    key = _key(table)

    def batch(row: ColumnElement[Any]) -> Any:
        after = bindparam("after", type_=key.type)
        found: Any = select(row).select_from(table).where(table.c.tenant_id == TENANT_ID, key >= after)
        return found.order_by(key).limit(_MOST)

    def gone(*named: ColumnElement[bool]) -> Any:
        return delete(table).where(table.c.tenant_id == TENANT_ID, _IS_CLOSED, *named).returning(key)

    return plain(
        {
            POSTGRESQL: gone(any_(func.array(batch(_CTID).scalar_subquery())) == _CTID),
            SQLITE: gone(_ROWID.in_(batch(_ROWID))),
        },
        is_prepared=False,
    )


def _counting(table: Table) -> Statement[Any]:
    found: Any = (
        select(literal_column("1")).select_from(table).where(table.c.tenant_id == TENANT_ID).limit(_MOST)
    )
    return plain(select(func.count()).select_from(found.subquery()))


_DELETE = {step: _deleting(table) for step, table in _TABLES.items()}
_COUNT = {step: _counting(table) for step, table in _TABLES.items()}


def first_key(step: str) -> str | bytes:
    """Give the key before which there is none."""
    return b"" if isinstance(_key(_TABLES[step]).type, LargeBinary) else ""


def count(tx: Transaction, tenant_id: int, step: str, *, limit: int) -> int:
    """Count the rows that a table has of a tenant, up to `limit`."""
    return int(tx.value(_COUNT[step], tenant_id=tenant_id, most=limit))


def delete_batch(store: Store, tenant_id: int, step: str, *, after: str | bytes, limit: int) -> Batch:
    """Delete the next rows of a closed tenant in a table, `limit` of them at most, and commit.

    Args:
        after: rows with a smaller key are left alone.

    Raises:
        StoreUnavailable: not known what is gone. The same call may be made again.
    """

    def work(tx: Transaction) -> list[Any]:
        if not store.is_sqlite:
            tx.rows(BY_ITS_INDEX)
        return tx.rows(_DELETE[step], tenant_id=tenant_id, after=after, most=limit)

    keys = [key for (key,) in store.transact(work)]
    return Batch(len(keys), max(keys, default=None))
