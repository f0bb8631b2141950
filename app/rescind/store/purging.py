"""Statements that delete rows which can no longer matter, a bounded batch at a time.

Refresh tokens share the absolute expiry of their grant, so one that was rotated stays, and its return is
seen as reuse, for as long as the grant could live. A grant goes after its tokens, a session after its grants,
a record of a revocation after all that is to be told of it, a signing key after all that an ID token which it
signed could be about.
"""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, delete, exists, func, or_, select

from rescind.store.activity import TENANT_ID
from rescind.store.deliveries import NEVER
from rescind.store.engine import Transaction
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import (
    deliveries,
    grants,
    revocations,
    sessions,
    sign_in_attempts,
    signing_keys,
    tokens,
    used_assertions,
)

# To count millions takes longer than a statement may.
MOST_COUNTED = 100_000

BEFORE: BindParameter[int] = bindparam("before")
_ENDED_BEFORE: BindParameter[int] = bindparam("ended_before")

_GRANT_HAS_TOKENS = exists().where(tokens.c.tenant_id == TENANT_ID, tokens.c.grant_id == grants.c.id)
_SESSION_HAS_GRANTS = exists().where(grants.c.tenant_id == TENANT_ID, grants.c.session_sid == sessions.c.sid)
# What outlives a session still asks whether its end took it along. The code by which it was given stays as
# long as it does, and is found by an index.
_SESSION_HAD_CODES = exists().where(
    codes.c.tenant_id == TENANT_ID, codes.c.session_sid == sessions.c.sid, codes.c.redeemed_at.is_not(None)
)
# By these a sign-in at a host, which may go on for months, is known to have ended here.
_SESSION_ENDED_LATELY = and_(sessions.c.ended_at.is_not(None), sessions.c.ended_at > _ENDED_BEFORE)
_EVENT_IS_OLD = exists().where(
    revocations.c.tenant_id == TENANT_ID,
    revocations.c.id == deliveries.c.event_id,
    revocations.c.at <= BEFORE,
)
# One that was given up stays as long as the event that it is about.
_DELIVERY_IS_OVER = or_(
    deliveries.c.done_at <= BEFORE,
    and_(deliveries.c.done_at.is_(None), deliveries.c.next_at == NEVER, _EVENT_IS_OLD),
)
_EVENT_HAS_DELIVERIES = exists().where(
    deliveries.c.tenant_id == TENANT_ID, deliveries.c.event_id == revocations.c.id
)

_CONDITIONS: dict[str, tuple[Table, str, ColumnElement[bool]]] = {
    "tokens": (tokens, "digest", tokens.c.expires_at <= BEFORE),
    "authorization_codes": (codes, "digest", codes.c.kept_until <= BEFORE),
    "grants": (grants, "id", (grants.c.expires_at <= BEFORE) & ~_GRANT_HAS_TOKENS),
    "sessions": (
        sessions,
        "sid",
        (sessions.c.expires_at <= BEFORE)
        & ~_SESSION_HAS_GRANTS
        & ~_SESSION_HAD_CODES
        & ~_SESSION_ENDED_LATELY,
    ),
    "signing_keys": (signing_keys, "kid", signing_keys.c.published_until <= BEFORE),
    "used_assertions": (used_assertions, "jti", used_assertions.c.expires_at <= BEFORE),
    "deliveries": (deliveries, "event_id", _DELIVERY_IS_OVER),
    "sign_in_attempts": (sign_in_attempts, "key", sign_in_attempts.c.window_ends_at <= BEFORE),
    "revocations": (revocations, "id", (revocations.c.at <= BEFORE) & ~_EVENT_HAS_DELIVERIES),
}
STEPS = tuple(_CONDITIONS)


def _counting(table: Table, key: str, condition: ColumnElement[bool]) -> Any:
    due = select(table.c[key]).where(table.c.tenant_id == TENANT_ID, condition).limit(MOST_COUNTED)
    return select(func.count()).select_from(due.subquery())


def _deleting(table: Table, key: str, condition: ColumnElement[bool]) -> Any:
    # A row that another transaction holds is left for the next run: purging never waits for traffic.
    # A CTE is run once; PostgreSQL may run a subquery again and again, and go beyond the limit.
    batch = (
        select(table.c[key])
        .where(table.c.tenant_id == TENANT_ID, condition)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=table)
        .cte("batch")
    )
    return (
        delete(table)
        # The condition again: a key may stand for rows of two clients, of which one is not due.
        .where(table.c.tenant_id == TENANT_ID, table.c[key].in_(select(batch.c[key])), condition)
        .returning(table.c[key])
    )


_COUNT = {step: _counting(*condition) for step, condition in _CONDITIONS.items()}
_DELETE = {step: _deleting(*condition) for step, condition in _CONDITIONS.items()}


def count(tx: Transaction, tenant_id: int, step: str, *, before: int, ended_before: int) -> int:
    """Count the rows that a step would delete now, up to `MOST_COUNTED`."""
    values = {"tenant_id": tenant_id, "before": before, "ended_before": ended_before}
    return int(tx.execute(_COUNT[step], values).scalar_one())


def delete_batch(
    tx: Transaction, tenant_id: int, step: str, *, before: int, ended_before: int, limit: int
) -> int:
    """Delete at most `limit` rows of a step. Gives how many went.

    Args:
        before: what is due since then, goes.
        ended_before: until then, what was ended by a decision is kept though it has expired.
    """
    values = {"tenant_id": tenant_id, "before": before, "ended_before": ended_before, "limit": limit}
    return len(tx.execute(_DELETE[step], values).all())
