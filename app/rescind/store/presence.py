"""Statements on what is there of a subject."""

from sqlalchemy import BigInteger, bindparam, func, not_, or_, select

from rescind.store.activity import SESSION_JOINED, TENANT_ID, session_ended, session_expired
from rescind.store.engine import Transaction
from rescind.store.spellings import is_spelled_if_given, spelled, unspelled
from rescind.store.statements import plain
from rescind.store.tables import sessions

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
