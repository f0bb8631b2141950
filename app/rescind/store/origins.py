"""Statements on `client_origins`: which client lists an origin, found by the origin.

A page of any origin may ask, and asks before anybody is authenticated; to go through all clients for each
would be too much. The rows are only the way to a client: whether it lists the origin, its own row says.
"""

import functools
from collections.abc import Sequence

from sqlalchemy import Text, and_, bindparam, func, select, type_coerce

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Store, Transaction
from rescind.store.listed import Listed
from rescind.store.shapes import Row
from rescind.store.statements import plain
from rescind.store.tables import client_origins, clients

_BATCH_CLIENTS = 1000

_listed = Listed(client_origins, "origin")
add, replace, forget = _listed.add, _listed.replace, _listed.forget

_ORIGIN = bindparam("origin", type_=Text)
# As plain text: a value that is compared with a list of words would be taken for such a list itself.
_WORDS = " " + type_coerce(clients.c.allowed_origins, Text) + " "
_LISTS = and_(
    clients.c.tenant_id == TENANT_ID,
    clients.c.deleted_at.is_(None),
    # Not LIKE, to which % and _ in an origin mean other origins, and on SQLite capitals mean nothing.
    func.replace(_WORDS, " " + _ORIGIN + " ", "") != _WORDS,
)
_BY_ORIGIN = plain(
    select(clients.c.client_id)
    .join(
        client_origins,
        and_(
            client_origins.c.tenant_id == TENANT_ID,
            client_origins.c.origin == _ORIGIN,
            client_origins.c.client_id == clients.c.client_id,
        ),
    )
    .where(_LISTS)
    .limit(1)
)
_BY_ALL_CLIENTS = plain(select(clients.c.client_id).where(_LISTS).limit(1))
_ALL = plain(
    select(clients.c.client_id, clients.c.allowed_origins).where(
        clients.c.tenant_id == TENANT_ID, clients.c.deleted_at.is_(None), clients.c.allowed_origins != ()
    )
)


def is_listed(tx: Transaction, tenant_id: int, origin: str, *, is_settled: bool) -> bool:
    """Tell whether a client of the tenant lists this origin, to the letter.

    Args:
        is_settled: whether every client's origins are here. Workers of the version before do not write them.
    """
    statement = _BY_ORIGIN if is_settled else _BY_ALL_CLIENTS
    return tx.first(statement, tenant_id=tenant_id, origin=origin) is not None


def _add_all(tenant_id: int, listing: Sequence[Row], tx: Transaction) -> None:
    for client_id, origins in listing:
        add(tx, tenant_id, client_id, origins)


def fill_in(store: Store, tenant_id: int) -> int:
    """Note what the clients list that the version before has registered. Gives how many list any.

    One that is changed meanwhile may have a row too much, which does no harm.

    Raises:
        StoreUnavailable: what was noted stays, and the same call may be made again.
    """
    with store.reading() as tx:
        listing = tx.rows(_ALL, tenant_id=tenant_id)
    for start in range(0, len(listing), _BATCH_CLIENTS):
        store.transact(functools.partial(_add_all, tenant_id, listing[start : start + _BATCH_CLIENTS]))
    return len(listing)
