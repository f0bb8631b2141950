"""Statements that delete rows which can no longer matter, a bounded batch at a time.

Of every row it was worked out when it was written, or ended, from when on it can matter no more: `purge_at`.
"""

from typing import Any

from sqlalchemy import BigInteger, Table, bindparam, delete, exists, func, select

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.statements import Statement
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import (
    deliveries,
    grants,
    revocations,
    session_clients,
    sessions,
    sign_in_attempts,
    signing_keys,
    tokens,
    used_assertions,
)

# To count millions takes longer than a statement may.
MOST_COUNTED = 100_000

_TABLES: dict[str, tuple[Table, str]] = {
    "tokens": (tokens, "digest"),
    "authorization_codes": (codes, "digest"),
    "grants": (grants, "id"),
    "session_clients": (session_clients, "session_sid"),
    "sessions": (sessions, "sid"),
    "signing_keys": (signing_keys, "kid"),
    "used_assertions": (used_assertions, "jti"),
    "sign_in_attempts": (sign_in_attempts, "key"),
    "revocations": (revocations, "id"),
}
STEPS = tuple(_TABLES)


def _due(table: Table) -> Any:
    is_due = (table.c.purge_at <= NOW) & (table.c.tenant_id == TENANT_ID)
    if table is revocations:
        is_due &= ~exists().where(
            deliveries.c.tenant_id == TENANT_ID, deliveries.c.event_id == revocations.c.id
        )
    return is_due


def _counting(table: Table, key: str) -> Statement[Any]:
    due = select(table.c[key]).where(_due(table)).limit(MOST_COUNTED)
    return Statement(select(func.count()).select_from(due.subquery()))


def _deleting(table: Table, key: str) -> Statement[Any]:
    batch = (
        select(table.c[key])
        .where(_due(table))
        .limit(bindparam("most", type_=BigInteger))
        .with_for_update(skip_locked=True, of=table)
        .cte("batch")
    )
    return Statement(
        delete(table).where(_due(table), table.c[key].in_(select(batch.c[key]))).returning(table.c[key])
    )


_COUNT = {step: _counting(*each) for step, each in _TABLES.items()}
_DELETE = {step: _deleting(*each) for step, each in _TABLES.items()}


def count(tx: Transaction, tenant_id: int, step: str) -> int:
    """Count the rows that a step would delete now, up to `MOST_COUNTED`."""
    return int(tx.value(_COUNT[step], tenant_id=tenant_id))


def delete_batch(tx: Transaction, tenant_id: int, step: str, *, limit: int) -> int:
    """Delete at most `limit` rows of a step. Gives how many went."""
    return len(tx.rows(_DELETE[step], tenant_id=tenant_id, most=limit))
