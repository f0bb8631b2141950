"""The row that says what was done: written by the statement that does it."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam

from rescind.store.clock import NOW
from rescind.store.tables import revocations
from rescind.store.writes import inserting

KEPT_UNTIL = NOW + bindparam("event_kept_seconds", type_=BigInteger)


def event(condition: ColumnElement[bool], insert: Any) -> Any:
    """Insert the event row, see `drafts.NewRevocation`."""
    return inserting(
        revocations,
        condition,
        columns=[
            *("id", "selector_kind", "selector_value", "grant_id", "cause", "reason", "actor", "client_id"),
            *("subject", "request_id"),
        ],
        prefix="event_",
        insert=insert,
        at=NOW,
        purge_at=KEPT_UNTIL,
    )
