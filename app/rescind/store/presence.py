"""What is there of a subject, whichever way its name is written."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)

from rescind.store.activity import (
    GRANT_JOINED,
    SESSION_JOINED,
    TENANT_ID,
    grant_ended,
    session_ended,
    session_expired,
)
from rescind.store.engine import Transaction
from rescind.store.spellings import is_spelled, is_spelled_if_given, spelled, unspelled
from rescind.store.statements import plain
from rescind.store.tables import grants, sessions, users

# So many sessions and grants of a subject are looked at for one that nobody has ended.
MOST_LOOKED_AT = 1000


def _looked_at(table: Table, joined: FromClause, ended: ColumnElement[bool]) -> Select[Any]:
    of_subject = select(ended.label("is_ended")).select_from(joined)
    return of_subject.where(table.c.tenant_id == TENANT_ID, is_spelled(table.c.subject))


def _holds_unended(table: Table, joined: FromClause, ended: ColumnElement[bool]) -> ColumnElement[bool]:
    found = _looked_at(table, joined, ended)
    some = found.limit(MOST_LOOKED_AT).subquery("some")
    # Of how many there are, the cost is not to depend: where all of these have ended, the next may not have.
    more = found.offset(MOST_LOOKED_AT).limit(1).subquery("more")
    return or_(
        exists(select(1).select_from(some).where(not_(some.c.is_ended))),
        exists(select(1).select_from(more)),
    )


# Whether there is anything of a subject that no decision has ended yet, be it past its time. Of a host whose
# clock is behind, and at apps that were told nothing, what has expired here may go on.
HOLDS_UNENDED = or_(
    _holds_unended(sessions, SESSION_JOINED, session_ended),
    _holds_unended(grants, GRANT_JOINED, grant_ended),
)
_IS_KNOWN = plain(
    select(
        or_(
            *(
                exists().where(table.c.tenant_id == TENANT_ID, is_spelled(table.c[name]))
                for table, name in ((users, "username"), (sessions, "subject"), (grants, "subject"))
            )
        )
    )
)
_COUNT_SESSIONS = plain(
    select(func.count()).select_from(
        select(sessions.c.sid)
        .select_from(SESSION_JOINED)
        .where(
            sessions.c.tenant_id == TENANT_ID,
            is_spelled_if_given(sessions.c.subject),
            not_(or_(session_ended, session_expired)),
        )
        .limit(bindparam("most", type_=BigInteger))
        .subquery()
    ),
    is_prepared=False,
)


def count_sessions(tx: Transaction, tenant_id: int, subject: str | None, *, limit: int) -> int:
    """Count the active sessions of a subject, however it is written, or of the tenant, up to a limit."""
    ways = unspelled() if subject is None else spelled(subject)
    return int(tx.value(_COUNT_SESSIONS, tenant_id=tenant_id, most=limit, **ways))


def is_known(tx: Transaction, tenant_id: int, subject: str) -> bool:
    """Tell whether anything is kept of a subject, active or not."""
    return bool(tx.value(_IS_KNOWN, tenant_id=tenant_id, **spelled(subject)))
