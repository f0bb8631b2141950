"""Statements on `deliveries`: an outbox, written with the event and emptied behind it.

A row is open until it is done or given up. It is emptied by receiver: whoever wants to deliver takes hold of
one first, and of its oldest row that is due, in a transaction that ends before anything is sent. So nobody
holds a lock while a receiver is slow, it gets one message at a time, and what was taken by a process that
died comes up again by itself.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    update,
)

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.records import DeliveryRecord, TenantRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import deliveries, receivers, tenants
from rescind.store.tenants import TENANT
from rescind.store.writes import inserting, spelled

# The next time of a row that was given up: behind every time there is, and no time at all.
NEVER = 1 << 62
# So many rows of a receiver that does not answer are put off in one statement.
MOST_PUT_OFF = 1000


@dataclass(frozen=True, slots=True)
class ReceiverRecord:
    """A client to which something is to be sent now.

    Attributes:
        messages: how many rows are due.
    """

    tenant: TenantRecord
    client_id: str
    messages: int


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A receiver that was taken hold of, until when at most, and how often it was silent before."""

    held_until: int
    silences: int


_DELIVERY = Shape(DeliveryRecord, deliveries)
_HOLD = Shape(HoldRecord, receivers)
_CLIENT_ID = bindparam("receiver", type_=Text)
_EVENT_ID = bindparam("event", type_=Text)
_SECONDS = bindparam("seconds", type_=BigInteger)
_KEPT_UNTIL = NOW + bindparam("kept_seconds", type_=BigInteger)

_is_due = and_(deliveries.c.done_at.is_(None), deliveries.c.next_at <= NOW)
_of_receiver = and_(deliveries.c.tenant_id == TENANT_ID, deliveries.c.client_id == _CLIENT_ID)
_is_open = and_(_of_receiver, deliveries.c.done_at.is_(None), deliveries.c.purge_at.is_(None))
_is_this = and_(_is_open, deliveries.c.event_id == _EVENT_ID)

_waiting = (
    select(
        deliveries.c.tenant_id,
        deliveries.c.client_id,
        func.count().label("messages"),
        func.row_number()
        .over(partition_by=deliveries.c.tenant_id, order_by=func.min(deliveries.c.next_at))
        .label("turn"),
    )
    .select_from(
        deliveries.outerjoin(
            receivers,
            and_(
                receivers.c.tenant_id == deliveries.c.tenant_id,
                receivers.c.client_id == deliveries.c.client_id,
                receivers.c.held_until > NOW,
            ),
        )
    )
    .where(_is_due, receivers.c.client_id.is_(None))
    .group_by(deliveries.c.tenant_id, deliveries.c.client_id)
    .subquery("waiting")
)
_RECEIVER = Shape(
    ReceiverRecord,
    nested={"tenant": TENANT},
    client_id=_waiting.c.client_id,
    messages=_waiting.c.messages,
)
# The one statement here that asks for all tenants at once, by the index of what is due.
WAITING = Statement(
    select(*_RECEIVER.columns)
    .select_from(_waiting.join(tenants, tenants.c.id == _waiting.c.tenant_id))
    .where(tenants.c.disabled_at.is_(None), _waiting.c.turn <= bindparam("most", type_=BigInteger))
    .order_by(_waiting.c.turn, tenants.c.name),
    _RECEIVER,
)


def _take_hold(insert: Any) -> Any:
    statement = inserting(
        receivers,
        columns=[],
        insert=insert,
        client_id=_CLIENT_ID,
        held_until=NOW + _SECONDS,
        silences=literal_column("0", BigInteger),
    )
    return statement.on_conflict_do_update(
        index_elements=[receivers.c.tenant_id, receivers.c.client_id],
        set_={"held_until": statement.excluded.held_until},
        where=receivers.c.held_until <= NOW,
    ).returning(*_HOLD.columns)


_TAKE_HOLD = Statement(spelled(_take_hold), _HOLD)
_HELD = and_(
    receivers.c.tenant_id == TENANT_ID,
    receivers.c.client_id == _CLIENT_ID,
    # Who was away for longer than it might hold the receiver leaves it to who holds it now.
    receivers.c.held_until == bindparam("hold", type_=BigInteger),
)
_LET_GO = plain(update(receivers).where(_HELD).values(held_until=0, silences=0))
_LET_WAIT = plain(
    update(receivers).where(_HELD).values(held_until=NOW + _SECONDS, silences=receivers.c.silences + 1)
)


def _some(*conditions: ColumnElement[bool], limit: Any) -> Any:
    some = (
        select(deliveries.c.event_id)
        .where(*conditions)
        # Their ids are in the order of time. By the index none is looked at that is put off.
        .order_by(deliveries.c.event_id)
        .limit(limit)
        # What a deliverer of the version before has in hand is not waited for.
        .with_for_update(skip_locked=True)
        .cte("some")
    )
    return update(deliveries).where(_of_receiver, deliveries.c.event_id.in_(select(some.c.event_id)))


_CLAIM = Statement(
    _some(_is_open, _is_due, limit=1).values(next_at=NOW + _SECONDS).returning(*_DELIVERY.columns), _DELIVERY
)
_TRIED = deliveries.c.attempts + 1
_FINISH = plain(update(deliveries).where(_is_this).values(done_at=NOW, attempts=_TRIED, purge_at=_KEPT_UNTIL))
_is_over = bindparam("most_attempts", type_=BigInteger) <= _TRIED
_PUT_OFF = {
    "attempts": _TRIED,
    "next_at": case((_is_over, literal_column(str(NEVER), BigInteger)), else_=NOW + _SECONDS),
    "purge_at": case((_is_over, _KEPT_UNTIL)),
}
_PUT_OFF_THIS = Statement(
    update(deliveries).where(_is_this).values(_PUT_OFF).returning(*_DELIVERY.columns), _DELIVERY
)
_PUT_OFF_ALL = Statement(
    _some(_is_open, _is_due, limit=MOST_PUT_OFF).values(_PUT_OFF).returning(*_DELIVERY.columns), _DELIVERY
)


def waiting(tx: Transaction, *, most_of_tenant: int) -> list[ReceiverRecord]:
    """List the receivers of open tenants to which something is to be sent, and that nobody holds.

    The first of each tenant, then the second of each, and so on; those whose rows wait longest go first.
    """
    return tx.rows(WAITING, most=most_of_tenant)


def claim(
    tx: Transaction, tenant_id: int, client_id: str, *, seconds: int
) -> tuple[DeliveryRecord, HoldRecord] | None:
    """Take hold of a receiver and of its oldest row that is due; for so long nobody else will.

    Returns:
        None where somebody else holds it, or nothing is due.
    """
    of = {"tenant_id": tenant_id, "receiver": client_id}
    hold = tx.first(_TAKE_HOLD, **of, seconds=seconds)
    if hold is None:
        return None
    found = tx.first(_CLAIM, **of, seconds=seconds)
    if found is None:
        tx.rows(_LET_GO, **of, hold=hold.held_until)
        return None
    return found, hold


def finish(
    tx: Transaction, tenant_id: int, delivery: DeliveryRecord, hold: HoldRecord, *, kept_seconds: int
) -> None:
    """Mark a row as done, and let go of its receiver."""
    of = {"tenant_id": tenant_id, "receiver": delivery.client_id}
    tx.rows(_LET_GO, **of, hold=hold.held_until)
    tx.rows(_FINISH, **of, event=delivery.event_id, kept_seconds=kept_seconds)


def put_off(
    tx: Transaction,
    tenant_id: int,
    delivery: DeliveryRecord,
    hold: HoldRecord,
    *,
    is_silent: bool,
    seconds: int,
    most_attempts: int,
    kept_seconds: int,
) -> list[DeliveryRecord]:
    """Count a try, and let a row come up again after so long; after the last try, never.

    Args:
        is_silent: the receiver did not answer. Nothing else is sent to it before that either, and for what is
            due to it this was a try too.

    Returns:
        The rows as they are now.
    """
    of = {"tenant_id": tenant_id, "receiver": delivery.client_id}
    if is_silent:
        tx.rows(_LET_WAIT, **of, hold=hold.held_until, seconds=seconds)
    else:
        tx.rows(_LET_GO, **of, hold=hold.held_until)
    by = {"seconds": seconds, "most_attempts": most_attempts, "kept_seconds": kept_seconds}
    rows = tx.rows(_PUT_OFF_THIS, **of, **by, event=delivery.event_id)
    if is_silent:
        rows += tx.rows(_PUT_OFF_ALL, **of, **by)
    return sorted(rows, key=lambda row: row.event_id)
