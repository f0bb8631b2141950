"""Statements on what is there of a subject, in whatever table."""

from sqlalchemy import BigInteger, ColumnElement, Table, Text, bindparam, exists, func, not_, or_, select

from rescind.store.activity import SESSION_JOINED, TENANT_ID, session_ended, session_expired
from rescind.store.columns import is_if_given
from rescind.store.engine import Transaction
from rescind.store.statements import plain
from rescind.store.tables import grants, sessions, subjects, users

_SUBJECT = bindparam("subject", type_=Text)


def _has(table: Table, column: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(table.c.tenant_id == TENANT_ID, column == _SUBJECT)


_IS_KNOWN = plain(
    select(
        or_(
            _has(users, users.c.username),
            _has(subjects, subjects.c.subject),
            _has(sessions, sessions.c.subject),
            _has(grants, grants.c.subject),
        )
    ),
    is_prepared=False,
)
_COUNT_SESSIONS = plain(
    select(func.count()).select_from(
        select(sessions.c.sid)
        .select_from(SESSION_JOINED)
        .where(
            sessions.c.tenant_id == TENANT_ID,
            is_if_given(sessions.c.subject),
            not_(or_(session_ended, session_expired)),
        )
        .limit(bindparam("most", type_=BigInteger))
        .subquery()
    ),
    is_prepared=False,
)


def is_known(tx: Transaction, tenant_id: int, subject: str) -> bool:
    """Tell whether anything is kept of a subject: a user, a session, a grant, or an end of all of it."""
    return bool(tx.value(_IS_KNOWN, tenant_id=tenant_id, subject=subject))


def count_sessions(tx: Transaction, tenant_id: int, subject: str | None, *, limit: int) -> int:
    """Count the active sessions of a subject, or of the tenant, up to a limit."""
    return int(tx.value(_COUNT_SESSIONS, tenant_id=tenant_id, subject=subject, most=limit))
