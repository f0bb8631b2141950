"""The record of revocations, read: the newest first, page by page, and by an index whatever is asked for."""

import functools
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, select, text, tuple_

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.records import EventRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement
from rescind.store.tables import revocations
from rescind.store.tables.revoked import IS_UNCOMMON, MOST_COMMON_CAUSE

_EVENT = Shape(EventRecord, revocations)
_IN_ORDER = (revocations.c.at, revocations.c.id)
_BEFORE = tuple_(bindparam("before_at", type_=BigInteger), bindparam("before_id", type_=Text))


@functools.cache
def listing(given: frozenset[str], *, is_uncommon: bool) -> Statement[EventRecord]:
    """Give the statement that lists events.

    SQLite knows no condition that falls away, so there is one for each set of columns that are compared.

    Args:
        given: these columns.
        is_uncommon: the cause is compared, and is one of those for which there is an index.
    """
    conditions: list[Any] = [revocations.c[name] == bindparam(name, type_=Text) for name in sorted(given)]
    if is_uncommon:
        # Or SQLite, and a plan for any cause, could not take the index.
        conditions.append(text(IS_UNCOMMON))
    return Statement(
        select(*_EVENT.columns)
        .where(
            revocations.c.tenant_id == TENANT_ID,
            tuple_(*_IN_ORDER) < _BEFORE,
            revocations.c.at >= bindparam("since", type_=BigInteger),
            *conditions,
        )
        .order_by(*(column.desc() for column in _IN_ORDER))
        .limit(bindparam("most", type_=BigInteger)),
        _EVENT,
        # Which index is the best depends on who or what is asked for.
        is_prepared=False,
    )


def list_some(
    tx: Transaction,
    tenant_id: int,
    *,
    subject: str | None,
    client_id: str | None,
    cause: str | None,
    since: int,
    before: tuple[int, str],
    limit: int,
) -> list[EventRecord]:
    """List events, the newest first, `limit` of them, from a time on and before a time and an id."""
    asked = {"subject": subject, "client_id": client_id, "cause": cause}
    given = {name: value for name, value in asked.items() if value is not None}
    statement = listing(frozenset(given), is_uncommon=cause not in (None, MOST_COMMON_CAUSE))
    before_at, before_id = before
    values = {"since": since, "before_at": before_at, "before_id": before_id, "most": limit}
    return tx.rows(statement, tenant_id=tenant_id, **given, **values)
