"""Statements on `deliveries`: an outbox, written with the event and emptied behind it.

A row is open until it is done. Whoever wants to deliver claims rows first: that moves their next time on,
in a transaction that ends before anything is sent. So nobody holds a lock while a receiver is slow, and what
was claimed by a process that died comes up again by itself.
"""

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Text,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)

from rescind.store import tenants as tenant_rows
from rescind.store.engine import Transaction
from rescind.store.records import DeliveryRecord, TenantRecord
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import clients, deliveries, grants, sessions, tenants

# The next time of a row that was given up: behind every time there is, and no time at all.
NEVER = 1 << 62

_OF_TENANT: BindParameter[int] = bindparam("of_tenant", type_=BigInteger)
_THIS: BindParameter[str] = bindparam("this", type_=Text)
_EVENT: BindParameter[str] = bindparam("event", type_=Text)
_AT: BindParameter[int] = bindparam("at", type_=BigInteger)
_NONE_YET: ColumnElement[int] = literal_column("0", BigInteger)
_COLUMNS: list[Any] = [deliveries.c[field.name] for field in fields(DeliveryRecord)]
_WRITTEN = ("tenant_id", "event_id", "client_id", "subject", "session_sid", "attempts", "next_at")

_LISTENS = and_(
    clients.c.tenant_id == _OF_TENANT,
    clients.c.deleted_at.is_(None),
    clients.c.backchannel_logout_uri.is_not(None),
)
_HAS_GRANT_OF_SUBJECT = exists().where(
    grants.c.tenant_id == _OF_TENANT, grants.c.subject == _THIS, grants.c.client_id == clients.c.client_id
)
_HAS_GRANT_OF_SESSION = exists().where(
    grants.c.tenant_id == _OF_TENANT,
    grants.c.session_sid == _THIS,
    grants.c.client_id == clients.c.client_id,
)
# A grant that outlives its session does not name it. The code that it came by does.
_HAD_CODE_OF_SESSION = exists().where(
    codes.c.tenant_id == _OF_TENANT,
    codes.c.session_sid == _THIS,
    codes.c.client_id == clients.c.client_id,
    codes.c.redeemed_at.is_not(None),
)

_ADD = {
    "subject": insert(deliveries).from_select(
        _WRITTEN,
        select(_OF_TENANT, _EVENT, clients.c.client_id, _THIS, null(), _NONE_YET, _AT).where(
            _LISTENS, _HAS_GRANT_OF_SUBJECT
        ),
    ),
    "session": insert(deliveries).from_select(
        _WRITTEN,
        select(_OF_TENANT, _EVENT, clients.c.client_id, sessions.c.subject, _THIS, _NONE_YET, _AT)
        .select_from(
            clients.join(sessions, and_(sessions.c.tenant_id == _OF_TENANT, sessions.c.sid == _THIS))
        )
        .where(_LISTENS, or_(_HAS_GRANT_OF_SESSION, _HAD_CODE_OF_SESSION)),
    ),
}

_DUE = (
    select(deliveries.c.event_id, deliveries.c.client_id)
    .where(deliveries.c.tenant_id == _OF_TENANT, deliveries.c.done_at.is_(None), deliveries.c.next_at <= _AT)
    .order_by(deliveries.c.next_at)
    .limit(bindparam("limit"))
    # What another deliverer has in hand is not waited for.
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    update(deliveries)
    .where(
        deliveries.c.tenant_id == _OF_TENANT,
        tuple_(deliveries.c.event_id, deliveries.c.client_id).in_(select(_DUE.c.event_id, _DUE.c.client_id)),
    )
    .values(next_at=bindparam("until"), attempts=deliveries.c.attempts + 1)
    .returning(*_COLUMNS)
)
_THIS_ROW = and_(
    deliveries.c.tenant_id == _OF_TENANT,
    deliveries.c.event_id == bindparam("event"),
    deliveries.c.client_id == bindparam("client"),
    deliveries.c.done_at.is_(None),
)
_FINISH = update(deliveries).where(_THIS_ROW).values(done_at=bindparam("at"))
_POSTPONE = update(deliveries).where(_THIS_ROW).values(next_at=bindparam("until"))

_TENANTS_WITH_DUE = (
    select(*tenant_rows.COLUMNS)
    .where(
        tenants.c.disabled_at.is_(None),
        exists().where(
            deliveries.c.tenant_id == tenants.c.id,
            deliveries.c.done_at.is_(None),
            deliveries.c.next_at <= _AT,
        ),
    )
    .order_by(tenants.c.name)
)


def add(tx: Transaction, tenant_id: int, event_id: str, kind: str, value: str, *, at: int) -> None:
    """Write a row for each client that is to hear of an event, if it is of a kind that clients hear of.

    They are the clients with a back-channel logout URI that have, or had, a grant of the subject or session.

    Cost: one statement, which writes as many rows as there are such clients.
    """
    statement = _ADD.get(kind)
    if statement is not None:
        tx.execute(statement, {"of_tenant": tenant_id, "event": event_id, "this": value, "at": at})


def claim(tx: Transaction, tenant_id: int, *, now: int, until: int, limit: int) -> list[DeliveryRecord]:
    """Take open rows that are due, oldest first; until a time nobody else will."""
    values = {"of_tenant": tenant_id, "at": now, "until": until, "limit": limit}
    return [DeliveryRecord(*row) for row in tx.execute(_CLAIM, values)]


def finish(tx: Transaction, tenant_id: int, delivery: DeliveryRecord, *, at: int) -> None:
    """Mark a row as done."""
    tx.execute(_FINISH, {**_key(tenant_id, delivery), "at": at})


def postpone(tx: Transaction, tenant_id: int, delivery: DeliveryRecord, *, until: int) -> None:
    """Let a row come up again at a time; with `NEVER` it is given up, and stays what it is: not done."""
    tx.execute(_POSTPONE, {**_key(tenant_id, delivery), "until": until})


def tenants_with_due(tx: Transaction, *, now: int) -> list[TenantRecord]:
    """List the open tenants that have rows which are due."""
    return [TenantRecord(*row) for row in tx.execute(_TENANTS_WITH_DUE, {"at": now})]


def _key(tenant_id: int, delivery: DeliveryRecord) -> dict[str, Any]:
    return {"of_tenant": tenant_id, "event": delivery.event_id, "client": delivery.client_id}
