"""Statements on `sign_in_attempts`: counters that all workers share, each for a window of time.

A key is a digest that says what is counted. A row whose window is over counts for nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, bindparam, case, delete, literal_column, select, update

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.people_records import AttemptsRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import sign_in_attempts as rows
from rescind.store.writes import inserting, spelled

_ATTEMPTS = Shape(AttemptsRecord, rows, seconds_left=rows.c.window_ends_at - NOW)
_KEY = bindparam("this", type_=LargeBinary)
_THIS = (rows.c.tenant_id == TENANT_ID, rows.c.key == _KEY)
_ENDS_AT = NOW + bindparam("window_seconds", type_=BigInteger)
_ZERO, _ONE = literal_column("0", BigInteger), literal_column("1", BigInteger)

_FIND = Statement(select(*_ATTEMPTS.columns).where(*_THIS, rows.c.window_ends_at > NOW), _ATTEMPTS)
_GIVE_BACK = plain(update(rows).where(*_THIS, rows.c.attempts > 0).values(attempts=rows.c.attempts - 1))
_FORGET = plain(delete(rows).where(*_THIS))


def _inserting(insert: Any, attempts: Any) -> Any:
    return inserting(
        rows,
        columns=[],
        insert=insert,
        key=_KEY,
        attempts=attempts,
        window_ends_at=_ENDS_AT,
        purge_at=_ENDS_AT + KEPT_SECONDS,
    )


def _insert_or_count(insert: Any) -> Any:
    statement = _inserting(insert, _ONE)
    is_over = rows.c.window_ends_at <= NOW
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[rows.c.tenant_id, rows.c.key],
        set_={
            "attempts": case((is_over, _ONE), else_=rows.c.attempts + 1),
            "window_ends_at": case((is_over, new.window_ends_at), else_=rows.c.window_ends_at),
            "purge_at": case((is_over, new.purge_at), else_=rows.c.purge_at),
        },
    ).returning(*_ATTEMPTS.columns)


def _insert_or_set(insert: Any) -> Any:
    statement = _inserting(insert, _ZERO)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[rows.c.tenant_id, rows.c.key],
        set_={"attempts": _ZERO, "window_ends_at": new.window_ends_at, "purge_at": new.purge_at},
    )


_COUNT = Statement(spelled(_insert_or_count), _ATTEMPTS)
_START = plain(spelled(_insert_or_set))


def find(tx: Transaction, tenant_id: int, keys: Sequence[bytes]) -> dict[bytes, AttemptsRecord]:
    """Find the counters whose window is not over."""
    found = {key: tx.first(_FIND, tenant_id=tenant_id, this=key) for key in keys}
    return {key: record for key, record in found.items() if record is not None}


def count(tx: Transaction, tenant_id: int, key: bytes, *, window_seconds: int) -> AttemptsRecord:
    """Count one more, and give the counter with it; a new window lasts so long."""
    counted = tx.first(_COUNT, tenant_id=tenant_id, this=key, window_seconds=window_seconds)
    assert counted is not None  # noqa: S101
    return counted


def give_back(tx: Transaction, tenant_id: int, key: bytes) -> None:
    """Count one less."""
    tx.rows(_GIVE_BACK, tenant_id=tenant_id, this=key)


def start(tx: Transaction, tenant_id: int, key: bytes, *, window_seconds: int) -> None:
    """Set a counter to nothing, in a window that lasts so long."""
    tx.rows(_START, tenant_id=tenant_id, this=key, window_seconds=window_seconds)


def forget(tx: Transaction, tenant_id: int, key: bytes) -> None:
    """Take a counter away."""
    tx.rows(_FORGET, tenant_id=tenant_id, this=key)
