"""Statements on `deliveries`: an outbox, written with the event and emptied behind it.

A row is open until it is done. Whoever wants to deliver claims rows first: that moves their next time on,
in a transaction that ends before anything is sent. So nobody holds a lock while a receiver is slow, and what
was claimed by a process that died comes up again by itself.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    exists,
    literal_column,
    null,
    select,
    tuple_,
    update,
)

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.records import DeliveryRecord, TenantRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, deliveries, session_clients, tenants
from rescind.store.tenants import TENANT

# The next time of a row that was given up: behind every time there is, and no time at all.
NEVER = 1 << 62

_DELIVERY = Shape(DeliveryRecord, deliveries)
_THIS = bindparam("this", type_=Text)
_UNTIL = bindparam("until", type_=BigInteger)
_WRITTEN = ("tenant_id", "event_id", "client_id", "subject", "session_sid", "attempts", "next_at")

_LISTENS = and_(
    clients.c.tenant_id == TENANT_ID,
    clients.c.client_id == session_clients.c.client_id,
    clients.c.deleted_at.is_(None),
    clients.c.backchannel_logout_uri.is_not(None),
)


def _telling(
    condition: ColumnElement[bool], insert: Any, whose: ColumnElement[bool], session_sid: Any
) -> Any:
    heard = (
        select(
            TENANT_ID,
            bindparam("event_id", type_=Text),
            session_clients.c.client_id,
            session_clients.c.subject,
            session_sid,
            literal_column("0", BigInteger),
            NOW,
        )
        .select_from(session_clients.join(clients, _LISTENS))
        .where(condition, session_clients.c.tenant_id == TENANT_ID, whose)
        .distinct()
    )
    return insert(deliveries).from_select(list(_WRITTEN), heard, include_defaults=False)


def of_session(condition: ColumnElement[bool], insert: Any) -> Any:
    """Write a row for each client that is to hear of a session's end: that was given something in it."""
    return _telling(condition, insert, session_clients.c.session_sid == _THIS, _THIS)


def of_subject(condition: ColumnElement[bool], insert: Any) -> Any:
    """Write a row for each client that is to hear that all of a subject's have ended."""
    return _telling(condition, insert, session_clients.c.subject == _THIS, null())


_DUE = (
    select(deliveries.c.event_id, deliveries.c.client_id)
    .where(deliveries.c.tenant_id == TENANT_ID, deliveries.c.done_at.is_(None), deliveries.c.next_at <= NOW)
    .order_by(deliveries.c.next_at)
    .limit(bindparam("most", type_=BigInteger))
    # What another deliverer has in hand is not waited for.
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = Statement(
    update(deliveries)
    .where(
        deliveries.c.tenant_id == TENANT_ID,
        tuple_(deliveries.c.event_id, deliveries.c.client_id).in_(select(_DUE.c.event_id, _DUE.c.client_id)),
    )
    .values(next_at=NOW + bindparam("claim_seconds", type_=BigInteger), attempts=deliveries.c.attempts + 1)
    .returning(*_DELIVERY.columns),
    _DELIVERY,
)
_THIS_ROW = and_(
    deliveries.c.tenant_id == TENANT_ID,
    deliveries.c.event_id == bindparam("event", type_=Text),
    deliveries.c.client_id == bindparam("client", type_=Text),
    deliveries.c.done_at.is_(None),
)
_FINISH = plain(update(deliveries).where(_THIS_ROW).values(done_at=NOW))
_POSTPONE = plain(
    update(deliveries)
    .where(_THIS_ROW)
    .values(next_at=NOW + bindparam("seconds", type_=BigInteger))
    .returning(deliveries.c.next_at)
)
_GIVE_UP = plain(update(deliveries).where(_THIS_ROW).values(next_at=literal_column(str(NEVER), BigInteger)))

_TENANTS_WITH_DUE = Statement(
    select(*TENANT.columns)
    .where(
        tenants.c.disabled_at.is_(None),
        exists().where(
            deliveries.c.tenant_id == tenants.c.id,
            deliveries.c.done_at.is_(None),
            deliveries.c.next_at <= NOW,
        ),
    )
    .order_by(tenants.c.name),
    TENANT,
)


def claim(tx: Transaction, tenant_id: int, *, claim_seconds: int, limit: int) -> list[DeliveryRecord]:
    """Take open rows that are due, oldest first; for so long nobody else will."""
    return tx.rows(_CLAIM, tenant_id=tenant_id, claim_seconds=claim_seconds, most=limit)


def finish(tx: Transaction, tenant_id: int, delivery: DeliveryRecord) -> None:
    """Mark a row as done."""
    tx.rows(_FINISH, tenant_id=tenant_id, event=delivery.event_id, client=delivery.client_id)


def postpone(tx: Transaction, tenant_id: int, delivery: DeliveryRecord, *, seconds: int) -> int | None:
    """Let a row come up again after so long, and give when; None where it is done meanwhile."""
    key = {"event": delivery.event_id, "client": delivery.client_id}
    at: int | None = tx.value(_POSTPONE, tenant_id=tenant_id, seconds=seconds, **key)
    return at


def give_up(tx: Transaction, tenant_id: int, delivery: DeliveryRecord) -> None:
    """Let a row never come up again; it stays what it is: not done."""
    tx.rows(_GIVE_UP, tenant_id=tenant_id, event=delivery.event_id, client=delivery.client_id)


def tenants_with_due(tx: Transaction) -> list[TenantRecord]:
    """List the open tenants that have rows which are due."""
    return tx.rows(_TENANTS_WITH_DUE)
