"""Statements by which clients go that came by themselves and are used no more.

Each of them has a time from when on it is looked at: `sweep_at`. One that has been given something by then is
looked at again later; else its row goes, in the statement that sees that there is nothing. So it goes wholly,
and does so safely: no grant of it is left, so no token is; a code of it would have put its time off (see
`kept`), and codes live for minutes. An id that was made up comes never again, and a row of any other begins
with an epoch that is later than what it had (see `clients.create`).
"""

import json
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
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

from rescind.store import origins
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.granting import later
from rescind.store.statements import POSTGRESQL, SQLITE, plain
from rescind.store.tables import clients, grants

# How long such a client is kept without a grant.
KEPT_SECONDS = bindparam("client_kept_seconds", type_=BigInteger)

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


def _are(named: dict[str, ColumnElement[bool]], make: Any) -> Any:
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
        .returning(clients.c.client_id, clients.c.allowed_origins)
    ),
)
_KEEP = _are(
    _NAMED,
    lambda is_named: (
        update(clients).where(_OF_BATCH, is_named).values(sweep_at=later(_LIVES_UNTIL, NOW) + KEPT_SECONDS)
    ),
)


def kept(condition: ColumnElement[bool], insert: Any) -> Any:
    """Put off the time of a client that is given something: a consequence of what gives it.

    It is written only where half of its time is over, so that one which many use is not written each time.
    """
    return (
        update(clients)
        .where(
            condition,
            clients.c.tenant_id == TENANT_ID,
            clients.c.client_id == bindparam("client_id", type_=Text),
            clients.c.sweep_at < NOW + KEPT_SECONDS // 2,
            clients.c.deleted_at.is_(None),
        )
        .values(sweep_at=NOW + KEPT_SECONDS)
    )


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
    for client_id, listed in gone:
        origins.replace(tx, tenant_id, client_id, listed, ())
    tx.rows(_KEEP, tenant_id=tenant_id, client_kept_seconds=kept_seconds, **batch)
    return found, len(gone)
