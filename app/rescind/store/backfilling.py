"""Fill in what rows of the version before lack, before the last step of an upgrade.

Each row gets the time from when on it can matter no more, as if this version had written and ended it; and
who is to hear of a session's end is worked out once more from grants and codes. A batch at a time, tenant by
tenant, each batch a transaction of its own: it may be stopped, and run again.
"""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from rescind.store import likenesses, origins
from rescind.store.activity import TENANT_ID
from rescind.store.altering import Tell
from rescind.store.clock import NOW
from rescind.store.deliveries import NEVER
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS, later
from rescind.store.statements import Statement, plain
from rescind.store.tables import (
    authorization_codes,
    deliveries,
    grants,
    revocations,
    session_clients,
    sessions,
    sign_in_attempts,
    signing_keys,
    subjects,
    tenants,
    tokens,
    used_assertions,
    users,
)
from rescind.store.writes import spelled

BATCH_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long rows are kept, as it is set.

    Attributes:
        events_seconds: the record of a revocation, and of a session that was ended.
        keys_seconds: a signing key behind the time for which it is published.
    """

    events_seconds: int
    keys_seconds: int


_EVENTS_SECONDS = bindparam("events_seconds", type_=BigInteger)
_KEYS_SECONDS = bindparam("keys_seconds", type_=BigInteger)
_MOST = bindparam("most", type_=BigInteger)
_NEVER = literal_column("-1", BigInteger)

# Sessions go first, as others look at them.
_PURGE_AT: dict[Table, ColumnElement[int]] = {
    sessions: later(sessions.c.expires_at, func.coalesce(sessions.c.ended_at + _EVENTS_SECONDS, _NEVER))
    + KEPT_SECONDS,
    tokens: tokens.c.expires_at + KEPT_SECONDS,
    grants: grants.c.expires_at + KEPT_SECONDS,
    authorization_codes: authorization_codes.c.kept_until + KEPT_SECONDS,
    revocations: revocations.c.at + _EVENTS_SECONDS,
    sign_in_attempts: sign_in_attempts.c.window_ends_at + KEPT_SECONDS,
    signing_keys: signing_keys.c.published_until + _KEYS_SECONDS,
    used_assertions: used_assertions.c.expires_at + KEPT_SECONDS,
    # One that is open has no such time.
    deliveries: case(
        (deliveries.c.done_at.is_not(None), deliveries.c.done_at + _EVENTS_SECONDS),
        (deliveries.c.next_at == NEVER, NOW + _EVENTS_SECONDS),
    ),
}
# What this version writes of a code that is redeemed has some time to spare in both. Of a delivery that was
# given up it is not known when.
_AT_LEAST = _PURGE_AT | {
    authorization_codes: authorization_codes.c.kept_until,
    deliveries: deliveries.c.done_at + _EVENTS_SECONDS,
}
_TENANTS = plain(select(tenants.c.id).order_by(tenants.c.id))


def _keys(table: Table) -> list[Column[Any]]:
    return [column for column in table.primary_key if column.name != "tenant_id"]


def _bounds(table: Table, name: str) -> Any:
    return tuple_(*(bindparam(f"{name}_{key.name}", type_=key.type) for key in _keys(table)))


def _in_batch(table: Table) -> ColumnElement[bool]:
    key = tuple_(*_keys(table))
    return and_(table.c.tenant_id == TENANT_ID, key > _bounds(table, "after"), key <= _bounds(table, "last"))


def _finding(table: Table) -> Statement[Any]:
    behind = tuple_(*_keys(table)) > _bounds(table, "after")
    found = select(*_keys(table)).where(table.c.tenant_id == TENANT_ID, behind)
    return plain(found.order_by(*_keys(table)).limit(_MOST))


def _filling(table: Table) -> Statement[Any]:
    is_short = or_(table.c.purge_at.is_(None), table.c.purge_at < _AT_LEAST[table])
    return plain(update(table).where(_in_batch(table), is_short).values(purge_at=_PURGE_AT[table]))


def _outliving() -> Statement[Any]:
    """Keep a session for as long as what was given `offline_access` in it."""
    outlived = (
        select(grants.c.offline_session_sid.label("sid"), func.max(grants.c.expires_at).label("expires_at"))
        .where(_in_batch(grants), grants.c.offline_session_sid.is_not(None))
        .group_by(grants.c.offline_session_sid)
        .subquery("outlived")
    )
    until = outlived.c.expires_at + KEPT_SECONDS
    return plain(
        update(sessions)
        .where(
            sessions.c.tenant_id == TENANT_ID, sessions.c.sid == outlived.c.sid, sessions.c.purge_at < until
        )
        .values(purge_at=until)
    )


def _hearing(table: Table, sid: ColumnElement[str], until: ColumnElement[int], *only: Any) -> Statement[Any]:
    """Remember who is to hear of the end of a session, or of a subject."""
    of_session = and_(sessions.c.tenant_id == TENANT_ID, sessions.c.sid == sid)
    kept = func.max(later(func.coalesce(sessions.c.purge_at, _NEVER), until))
    heard: Select[Any] = (
        select(TENANT_ID, sid, table.c.client_id, table.c.subject, kept)
        .select_from(table.outerjoin(sessions, of_session))
        .where(_in_batch(table), *only)
        .group_by(sid, table.c.client_id, table.c.subject)
    )

    def inserting(insert: Any) -> Any:
        names = ["tenant_id", "session_sid", "client_id", "subject", "purge_at"]
        statement = insert(session_clients).from_select(names, heard, include_defaults=False)
        return statement.on_conflict_do_update(
            index_elements=names[:-1],
            set_={"purge_at": later(session_clients.c.purge_at, statement.excluded.purge_at)},
        )

    return plain(spelled(inserting))


def _known(table: Table, subject: Column[Any]) -> Statement[Any]:
    """Write the row of each subject, with the epoch that it has without one."""
    zero = literal_column("0", BigInteger)
    found = select(TENANT_ID, subject, zero, zero).where(_in_batch(table), subject.is_not(None)).distinct()

    def inserting(insert: Any) -> Any:
        names = ["tenant_id", "subject", "epoch", "epoch_at"]
        statement = insert(subjects).from_select(names, found, include_defaults=False)
        return statement.on_conflict_do_nothing()

    return plain(spelled(inserting))


def _subject_of_event() -> Statement[Any]:
    """Say whom an event of before is about, where it named a subject."""
    is_short = and_(revocations.c.selector_kind == "subject", revocations.c.subject.is_(None))
    filled = {"subject": revocations.c.selector_value}
    return plain(update(revocations).where(_in_batch(revocations), is_short).values(filled))


_FIND = {table: _finding(table) for table in (*_PURGE_AT, users)}
_FILL = {table: [_filling(table)] for table in _PURGE_AT}
_FILL[grants] += [
    _outliving(),
    _hearing(
        grants,
        func.coalesce(grants.c.session_sid, grants.c.offline_session_sid, literal_column("''")),
        grants.c.expires_at + KEPT_SECONDS,
        grants.c.subject.is_not(None),
    ),
]
_FILL[revocations].append(_subject_of_event())
_FILL[users] = [_known(users, users.c.username)]
for _table in (sessions, grants, authorization_codes):
    _FILL[_table].append(_known(_table, _table.c.subject))
_FILL[authorization_codes] += [
    # A grant from before it was noted in which session it was given says nothing of that; its code does.
    _hearing(
        authorization_codes,
        authorization_codes.c.session_sid,
        authorization_codes.c.kept_until + KEPT_SECONDS,
        authorization_codes.c.session_sid.is_not(None),
        authorization_codes.c.redeemed_at.is_not(None),
    )
]


def fill(store: Store, kept: Kept, *, tell: Tell) -> None:
    """Fill in all that is missing.

    Raises:
        StoreUnavailable: what was filled in stays, and the same call goes on with it.
    """
    with store.reading() as tx:
        tenant_ids = [int(tenant_id) for (tenant_id,) in tx.rows(_TENANTS)]
    for table in _FILL:
        rows = sum(_fill_table(store, tenant_id, table, kept) for tenant_id in tenant_ids)
        tell(f"Looked at {rows} rows of {table.name}.")
    listing = sum(origins.fill_in(store, tenant_id) for tenant_id in tenant_ids)
    tell(f"Looked at the origins of {listing} clients.")
    named = sum(likenesses.fill_in(store, tenant_id) for tenant_id in tenant_ids)
    tell(f"Looked at the names of {named} clients.")


def _fill_table(store: Store, tenant_id: int, table: Table, kept: Kept) -> int:
    names = [key.name for key in _keys(table)]
    # Before every key there is.
    last: Sequence[Any] = [b"" if isinstance(key.type, LargeBinary) else "" for key in _keys(table)]
    rows = batch_rows = 0
    while batch_rows == BATCH_ROWS or not rows:
        after = {f"after_{name}": value for name, value in zip(names, last, strict=True)}
        with store.reading() as tx:
            found = tx.rows(_FIND[table], tenant_id=tenant_id, most=BATCH_ROWS, **after)
        if not found:
            break
        batch_rows, last = len(found), found[-1]
        rows += batch_rows
        bounds = after | {f"last_{name}": value for name, value in zip(names, last, strict=True)}
        store.transact(
            functools.partial(_fill_batch, table, {**asdict(kept), **bounds, "tenant_id": tenant_id})
        )
    return rows


def _fill_batch(table: Table, values: dict[str, Any], tx: Transaction) -> None:
    for statement in _FILL[table]:
        tx.rows(statement, **values)
