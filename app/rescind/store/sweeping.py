"""Statements by which clients go that came by themselves and are used no more.

Each of them has a time from when on it is looked at: `sweep_at`. One that has been given something by then is
looked at again later; else its row goes, in the statement that sees that there is nothing. So it goes wholly,
and does so safely: no grant of it is left, so no token is; a code of it, of a device too, would have put its
time off (see `kept`), and lives for minutes. One that was deleted is looked at when the last code and form of
it is over, and puts nothing off any more. An id that was made up comes never again, and a row of any other
begins with an epoch that is made up too (see `clients.create`).
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from rescind.store import origins, resources
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.granting import later
from rescind.store.statements import POSTGRESQL, SQLITE, plain
from rescind.store.tables import clients, grants
from rescind.store.writes import Consequence

# How long such a client is kept without a grant.
KEPT_SECONDS = bindparam("client_kept_seconds", type_=BigInteger)
# So much less it may be: one that is given something all the time is written no more often.
_DAY_SECONDS = literal_column("86400", BigInteger)
_LESS_SECONDS = case((KEPT_SECONDS // 30 < _DAY_SECONDS, KEPT_SECONDS // 30), else_=_DAY_SECONDS)
# So long before its time nobody sweeps it whose clock is about right.
_SOON_SECONDS = literal_column("3600", BigInteger)
# Others wait for those that a batch holds.
MOST_AT_ONCE = 50

_SINCE, _UNTIL = (bindparam(name, type_=BigInteger) for name in ("since", "until"))
_CAME = and_(
    clients.c.tenant_id == TENANT_ID, clients.c.provenance.is_not(None), clients.c.sweep_at >= _SINCE
)
# Those of a batch, by whichever index: not all that are due are gone through again for each.
_OF_BATCH = and_(_CAME, clients.c.sweep_at <= _UNTIL)
_IDS = bindparam("client_ids", type_=Text)
_GRANTS = (grants.c.tenant_id == TENANT_ID, grants.c.client_id == clients.c.client_id)
# Whatever has become of a grant, its row stays until it would have expired. To ask for one that is live would
# take longer the more of them have ended.
_HAS_GRANTS = exists(select(literal_column("1")).where(*_GRANTS))
# One that an operator has stopped would come back as if nothing had been: its id may be an address.
_IS_STOPPED = and_(clients.c.disabled_at.is_not(None), clients.c.deleted_at.is_(None))
MAY_GO = not_(or_(_HAS_GRANTS, _IS_STOPPED))
# The newest is the one that lives longest.
_LIVES_UNTIL = func.coalesce(
    select(grants.c.expires_at).where(*_GRANTS).order_by(grants.c.id.desc()).limit(1).scalar_subquery(), NOW
)

_LOOK = plain(
    select(clients.c.client_id, clients.c.sweep_at)
    .where(_CAME, clients.c.sweep_at <= NOW)
    .order_by(clients.c.sweep_at)
    .limit(bindparam("most", type_=BigInteger))
    # Those that somebody holds are not waited for: they have their turn the next time.
    .with_for_update(skip_locked=True)
)


def _are(named: dict[str, ColumnElement[bool]], make: Callable[[ColumnElement[bool]], Any]) -> Any:
    return plain({dialect: make(is_named) for dialect, is_named in named.items()}, is_prepared=False)


# Each of an array is looked up by the primary key; see `revocations`.
_NAMED = {
    POSTGRESQL: any_(func.array(select(func.json_array_elements_text(cast(_IDS, JSON))).scalar_subquery()))
    == clients.c.client_id,
    SQLITE: clients.c.client_id.in_(select(func.json_each(_IDS).table_valued("value", name="named").c.value)),
}
_SWEEP = _are(
    _NAMED,
    lambda is_named: (
        delete(clients)
        .where(_OF_BATCH, is_named, MAY_GO)
        .returning(clients.c.client_id, clients.c.allowed_origins, clients.c.resources)
    ),
)
_KEEP = _are(
    _NAMED,
    lambda is_named: (
        update(clients).where(_OF_BATCH, is_named).values(sweep_at=later(_LIVES_UNTIL, NOW) + KEPT_SECONDS)
    ),
)


def keeping(client_id: str, behind_seconds: ColumnElement[int] | None = None) -> Consequence:
    """Make what puts off the time of a client that is given something: a consequence of what gives it.

    It is written once a day at most, and never of what an operator registered.

    Args:
        client_id: the name of the parameter.
        behind_seconds: how long that lives behind which it is kept.
    """
    until = NOW + KEPT_SECONDS if behind_seconds is None else NOW + behind_seconds + KEPT_SECONDS
    return lambda condition, _: (
        update(clients)
        .where(
            condition,
            clients.c.tenant_id == TENANT_ID,
            clients.c.client_id == bindparam(client_id, type_=Text),
            clients.c.sweep_at < until - _LESS_SECONDS,
            clients.c.deleted_at.is_(None),
        )
        .values(sweep_at=until)
    )


def is_not_swept(client_id: str) -> ColumnElement[bool]:
    """Tell that a client is not swept until what has this condition is written; see `keeping`.

    One that may be due is locked: a sweep leaves it alone then, and one that was faster is waited for. No
    other is, as all that is given would write to its row.
    """
    due = select(clients.c.client_id).where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id == bindparam(client_id, type_=Text),
        clients.c.sweep_at <= NOW + _SOON_SECONDS,
    )
    return or_(not_(exists(due)), exists(due.with_for_update(read=True, key_share=True)))


def sweep(
    tx: Transaction, tenant_id: int, *, since: int, limit: int, kept_seconds: int
) -> tuple[list[tuple[str, int]], int]:
    """Look at the next clients that are due, `limit` at most, and delete those that have nothing.

    Args:
        since: those that were due before that are left alone.
        kept_seconds: how much longer the others are kept, behind what they have been given.

    Returns:
        The clients that were looked at, each with the time since when it was due, and how many are gone.
    """
    found = [
        (str(client_id), int(at))
        for client_id, at in tx.rows(_LOOK, tenant_id=tenant_id, since=since, most=limit)
    ]
    if not found:
        return [], 0
    ids = json.dumps([client_id for client_id, _ in found])
    batch = {"client_ids": ids, "since": since, "until": max(at for _, at in found)}
    gone = tx.rows(_SWEEP, tenant_id=tenant_id, **batch)
    origins.forget(tx, tenant_id, [(each, client_id) for client_id, listed, _ in gone for each in listed])
    resources.forget(tx, tenant_id, [(each, client_id) for client_id, _, own in gone for each in own or ()])
    tx.rows(_KEEP, tenant_id=tenant_id, client_kept_seconds=kept_seconds, **batch)
    return found, len(gone)
