"""Statements on `sign_in_attempts`: counters that all workers share, each for a window of time.

A key is a digest that says what is counted. A row whose window is over counts for nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update

from rescind.store.activity import NOW, TENANT_ID
from rescind.store.dialects import PerDialect
from rescind.store.engine import Transaction
from rescind.store.records import AttemptsRecord
from rescind.store.tables import sign_in_attempts as rows

_FIND = select(rows.c.key, rows.c.attempts, rows.c.window_ends_at).where(
    rows.c.tenant_id == TENANT_ID,
    rows.c.key.in_(bindparam("keys", expanding=True)),
    rows.c.window_ends_at > NOW,
)
# Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
_THIS = (rows.c.tenant_id == bindparam("of_tenant"), rows.c.key == bindparam("this"))
_GIVE_BACK = update(rows).where(*_THIS, rows.c.attempts > 0).values(attempts=rows.c.attempts - 1)
_FORGET = delete(rows).where(*_THIS)


def _insert_or_count(insert: Any) -> Any:
    statement = insert.values(
        tenant_id=bindparam("of_tenant"), key=bindparam("this"), attempts=1, window_ends_at=bindparam("until")
    )
    is_over = rows.c.window_ends_at <= NOW
    return statement.on_conflict_do_update(
        index_elements=[rows.c.tenant_id, rows.c.key],
        set_={
            "attempts": case((is_over, 1), else_=rows.c.attempts + 1),
            "window_ends_at": case((is_over, statement.excluded.window_ends_at), else_=rows.c.window_ends_at),
        },
    ).returning(rows.c.key, rows.c.attempts, rows.c.window_ends_at)


def _insert_or_set(insert: Any) -> Any:
    statement = insert.values(
        tenant_id=bindparam("of_tenant"), key=bindparam("this"), attempts=0, window_ends_at=bindparam("until")
    )
    return statement.on_conflict_do_update(
        index_elements=[rows.c.tenant_id, rows.c.key],
        set_={"attempts": 0, "window_ends_at": statement.excluded.window_ends_at},
    )


_COUNT = PerDialect(rows, _insert_or_count)
_START = PerDialect(rows, _insert_or_set)


def find(tx: Transaction, tenant_id: int, keys: Sequence[bytes], *, now: int) -> dict[bytes, AttemptsRecord]:
    """Find the counters whose window is not over."""
    found = tx.execute(_FIND, {"tenant_id": tenant_id, "keys": list(keys), "now": now})
    return {bytes(row.key): AttemptsRecord(row.attempts, row.window_ends_at) for row in found}


def count(tx: Transaction, tenant_id: int, key: bytes, *, now: int, until: int) -> AttemptsRecord:
    """Count one more, and give the counter with it; a new window ends at `until`."""
    values = {"of_tenant": tenant_id, "this": key, "now": now, "until": until}
    row = tx.execute(_COUNT.on(tx), values).one()
    return AttemptsRecord(row.attempts, row.window_ends_at)


def give_back(tx: Transaction, tenant_id: int, key: bytes) -> None:
    """Count one less."""
    tx.execute(_GIVE_BACK, {"of_tenant": tenant_id, "this": key})


def start(tx: Transaction, tenant_id: int, key: bytes, *, until: int) -> None:
    """Set a counter to nothing, in a window that ends at `until`."""
    tx.execute(_START.on(tx), {"of_tenant": tenant_id, "this": key, "until": until})


def forget(tx: Transaction, tenant_id: int, key: bytes) -> None:
    """Take a counter away."""
    tx.execute(_FORGET, {"of_tenant": tenant_id, "this": key})
