"""The writes that end things, each with the event row that says so.

Each is a conditional update that is decided by the row it gives back, so that of two at once just one ends
the thing and writes the event; on PostgreSQL all of it is one statement. All cost the same for one token as
for ten million.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Table,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
    update,
)

from rescind.store import hearing, spellings
from rescind.store.activity import MISSING_EPOCH, TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewRevocation
from rescind.store.engine import Transaction
from rescind.store.granting import KEPT_SECONDS, later
from rescind.store.shapes import Shape, parameters
from rescind.store.spellings import SPELLINGS, is_spelled
from rescind.store.statements import POSTGRESQL, SQLITE, Statement, plain
from rescind.store.tables import clients, grants, revocations, sessions, subjects, tenants, tokens, users
from rescind.store.writes import Consequence, Write, inserting, spelled

_KEPT_UNTIL = NOW + bindparam("event_kept_seconds", type_=BigInteger)


def _this(table: Table, key: str) -> ColumnElement[Any]:
    return bindparam("this", type_=table.c[key].type)


def event_row(condition: ColumnElement[bool], insert: Any) -> Any:
    """Insert the event."""
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
        purge_at=_KEPT_UNTIL,
    )


def _ending(table: Table, key: str, **marks: Any) -> Any:
    (mark, *_) = marks
    return (
        update(table)
        .where(table.c.tenant_id == TENANT_ID, table.c[key] == _this(table, key), table.c[mark].is_(None))
        .values(marks)
        .returning(table.c[key])
    )


def _raising(table: Table, key: str, *conditions: ColumnElement[bool]) -> Any:
    return (
        update(table).where(*conditions).values(epoch=table.c.epoch + 1, epoch_at=NOW).returning(table.c[key])
    )


# With which the row of a subject begins. One that is lost is made anew, and nothing of before may have had
# the epoch: so it is made up. To the version before it is 0 where there is no row.
_FIRST_EPOCH = case((MISSING_EPOCH == 0, MISSING_EPOCH), else_=bindparam("new_epoch", type_=BigInteger))
# So that there is room for a number for each time that it is raised.
_EPOCH_BITS = 62


# Whether anything is kept of a subject, whichever way its name is written. If not, an end is noted all the
# same, as somebody may be about to sign in; but nothing has ended by it.
_IS_KNOWN = or_(
    *(
        exists().where(table.c.tenant_id == TENANT_ID, is_spelled(table.c[name]))
        for table, name in ((users, "username"), (sessions, "subject"), (grants, "subject"))
    )
)


@dataclass(frozen=True, slots=True)
class _Raised:
    subject: str


_RAISED = Shape(_Raised, present="subject", subject=case((_IS_KNOWN, subjects.c.subject)))


def _raise_or_insert(insert: Any) -> Any:
    each = union(*(select(name.label("subject")) for name in SPELLINGS)).subquery("each")
    raised = select(TENANT_ID, each.c.subject, _FIRST_EPOCH + 1, NOW).where(true())
    statement = insert(subjects).from_select(
        ["tenant_id", "subject", "epoch", "epoch_at"], raised, include_defaults=False
    )
    return statement.on_conflict_do_update(
        index_elements=[subjects.c.tenant_id, subjects.c.subject],
        set_={"epoch": subjects.c.epoch + 1, "epoch_at": statement.excluded.epoch_at},
    ).returning(*_RAISED.columns)


def _if_known(consequence: Consequence) -> Consequence:
    return lambda condition, insert: consequence(condition & _IS_KNOWN, insert)


# By an ended session a sign-in at a host, which may go on for months, is known to have ended here. What
# outlives the session asks it whether its end took that along.
_SESSION_KEPT = later(sessions.c.purge_at, _KEPT_UNTIL + KEPT_SECONDS)
_ENDED = {"ended_at": NOW, "purge_at": _SESSION_KEPT}


def _locked(table: Table, which: ColumnElement[bool]) -> Statement[Any]:
    locking = select(table.c.tenant_id).where(table.c.tenant_id == TENANT_ID, which)
    return plain(locking.with_for_update(key_share=True))


# Who redeems a code holds these for so long. When they are ours it is done, so its client is seen and told;
# or it comes later, and sees that there is nothing left to redeem it under.
_SESSION_LOCKED = _locked(sessions, sessions.c.sid == _this(sessions, "sid"))
_SUBJECT_LOCKED = _locked(subjects, is_spelled(subjects.c.subject))

END_TOKEN: Write[tuple[bytes]] = Write(_ending(tokens, "digest", revoked_at=NOW), event_row)
END_GRANT: Write[tuple[str]] = Write(_ending(grants, "id", revoked_at=NOW), event_row)


def _ending_session(*, is_settled: bool, **marks: Any) -> Write[tuple[str]]:
    telling = hearing.of_session(is_settled=is_settled)
    return Write(_ending(sessions, "sid", **_ENDED, **marks), event_row, telling, lock=_SESSION_LOCKED)


# Who hears of an end is known by less where the store is settled: each by that.
END_SESSION: Mapping[bool, Write[tuple[str]]] = {
    is_settled: _ending_session(is_settled=is_settled) for is_settled in (True, False)
}
END_SESSION_WHOLLY: Mapping[bool, Write[tuple[str]]] = {
    is_settled: _ending_session(is_settled=is_settled, offline_ended_at=NOW) for is_settled in (True, False)
}
RAISE_SUBJECT: Mapping[bool, Write[_Raised]] = {
    is_settled: Write(
        spelled(_raise_or_insert),
        _if_known(event_row),
        _if_known(hearing.of_subject(is_settled=is_settled)),
        shape=_RAISED,
        lock=_SUBJECT_LOCKED,
    )
    for is_settled in (True, False)
}
RAISE_CLIENT: Write[tuple[str]] = Write(
    _raising(
        clients,
        "client_id",
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id == _this(clients, "client_id"),
        clients.c.deleted_at.is_(None),
    ),
    event_row,
)
RAISE_TENANT: Write[tuple[str]] = Write(_raising(tenants, "name", tenants.c.id == TENANT_ID), event_row)

# Many grants at once, each with an event of its own: [grant, event] pairs, as JSON.
_PAIRS = bindparam("pairs", type_=Text)
_PAIR = {
    POSTGRESQL: func.json_array_elements(cast(_PAIRS, JSON)).column_valued("pair"),
    SQLITE: func.json_each(_PAIRS).table_valued("value", name="pair").c.value,
}


def _from_pair(dialect: str, at: int) -> ColumnElement[str]:
    if dialect == SQLITE:
        return func.json_extract(_PAIR[SQLITE], literal_column(f"'$[{at}]'"), type_=Text)
    return _PAIR[POSTGRESQL].op("->>", return_type=Text())(literal_column(str(at)))


def _is_named(dialect: str) -> ColumnElement[bool]:
    named = select(_from_pair(dialect, 0))
    if dialect == SQLITE:
        return grants.c.id.in_(named)
    # Each of an array is looked up by an index. Pairs to join to may be gone through for each grant of the
    # tenant, where PostgreSQL has not yet counted these.
    return grants.c.id == func.any(func.array(named.scalar_subquery()))


_END_GRANTS = plain(
    {
        dialect: update(grants)
        .where(
            grants.c.tenant_id == TENANT_ID,
            # So that no column is left out of the index by which the ids of a client are found.
            grants.c.client_id == bindparam("event_client_id", type_=Text),
            _is_named(dialect),
            grants.c.revoked_at.is_(None),
        )
        .values(revoked_at=NOW)
        .returning(grants.c.id)
        for dialect in _PAIR
    },
    is_prepared=False,
)
_ADD_EVENTS = plain(
    {
        dialect: inserting(
            revocations,
            columns=["selector_kind", "cause", "reason", "actor", "client_id", "subject", "request_id"],
            prefix="event_",
            id=_from_pair(dialect, 1),
            selector_value=_from_pair(dialect, 0),
            grant_id=_from_pair(dialect, 0),
            at=NOW,
            purge_at=_KEPT_UNTIL,
        )
        for dialect in _PAIR
    },
    is_prepared=False,
)


def _make(insert: Any) -> Any:
    statement = inserting(
        subjects,
        columns=["subject"],
        insert=insert,
        epoch=_FIRST_EPOCH,
        epoch_at=literal_column("0", BigInteger),
    )
    # Changes nothing, and gives the row that is there.
    return statement.on_conflict_do_update(
        index_elements=[subjects.c.tenant_id, subjects.c.subject], set_={"epoch": subjects.c.epoch}
    ).returning(subjects.c.epoch)


_MAKE_SUBJECT = plain(spelled(_make))
_SUBJECT_EPOCH = plain(
    select(subjects.c.epoch).where(
        subjects.c.tenant_id == TENANT_ID, subjects.c.subject == bindparam("subject", type_=Text)
    )
)


def values_of(this: bytes | str | None, event: NewRevocation) -> Mapping[str, Any]:
    """Give the parameters of one of these writes, but for the tenant.

    Args:
        this: the key of what is to end; None for a tenant. A subject as it was given, not composed: rows of
            before may have it so.
    """
    ways = spellings.spelled(this) if isinstance(this, str) else {}
    return {"this": this, "new_epoch": secrets.randbits(_EPOCH_BITS), **ways, **parameters(event, "event_")}


def end_grants(tx: Transaction, tenant_id: int, events: Sequence[NewRevocation]) -> list[NewRevocation]:
    """End grants of a client that have not ended, by two statements for all of them.

    Args:
        events: one for each grant; but for this and their ids they are the same.

    Returns:
        The events of those that this call was the one to end; only these were written.
    """
    of_grant = {event.selector_value: event for event in events}
    pairs = json.dumps([[value, event.id] for value, event in of_grant.items()])
    if not events:
        return []
    found = tx.rows(_END_GRANTS, tenant_id=tenant_id, pairs=pairs, event_client_id=events[0].client_id)
    ended = [of_grant[grant_id] for (grant_id,) in found]
    if ended:
        pairs = json.dumps([[event.selector_value, event.id] for event in ended])
        tx.rows(_ADD_EVENTS, tenant_id=tenant_id, pairs=pairs, **parameters(ended[0], "event_"))
    return ended


def subject_epoch(tx: Transaction, tenant_id: int, subject: str) -> int | None:
    """Read a subject's epoch; None where it has no row."""
    found: int | None = tx.value(_SUBJECT_EPOCH, tenant_id=tenant_id, subject=subject)
    return found


def make_subject(tx: Transaction, tenant_id: int, subject: str) -> int:
    """Write the row of a subject, unless it is there, and give its epoch."""
    new = secrets.randbits(_EPOCH_BITS)
    return int(tx.value(_MAKE_SUBJECT, tenant_id=tenant_id, subject=subject, new_epoch=new))
