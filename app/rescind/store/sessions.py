"""Statements on `sessions`."""

from sqlalchemy import bindparam, insert, select

from rescind.store.activity import SESSION_JOINED, TENANT_ID, session_ended, session_expired
from rescind.store.columns import is_if_given
from rescind.store.engine import Transaction
from rescind.store.records import SessionRecord
from rescind.store.tables import sessions

_BASE = (
    select(
        sessions.c.sid,
        sessions.c.subject,
        sessions.c.auth_time,
        sessions.c.expires_at,
        session_ended.label("session_is_ended"),
        session_expired.label("session_is_expired"),
    )
    .select_from(SESSION_JOINED)
    .where(sessions.c.tenant_id == TENANT_ID)
)
_FIND = _BASE.where(sessions.c.sid == bindparam("sid"))
_LIST = (
    _BASE.where(
        is_if_given(sessions.c.subject),
        sessions.c.sid > bindparam("after"),
    )
    .order_by(sessions.c.sid)
    .limit(bindparam("limit"))
)


def add(
    tx: Transaction,
    tenant_id: int,
    *,
    sid: str,
    cookie_digest: bytes,
    subject: str,
    auth_time: int,
    tenant_epoch: int,
    subject_epoch: int,
    expires_at: int,
) -> None:
    """Write a session."""
    tx.execute(
        insert(sessions),
        {
            "tenant_id": tenant_id,
            "sid": sid,
            "cookie_digest": cookie_digest,
            "subject": subject,
            "auth_time": auth_time,
            "tenant_epoch": tenant_epoch,
            "subject_epoch": subject_epoch,
            "expires_at": expires_at,
        },
    )


def find(tx: Transaction, tenant_id: int, sid: str, *, now: int) -> SessionRecord | None:
    """Find a session by its public id, active or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "sid": sid, "now": now}).one_or_none()
    return None if row is None else SessionRecord(*row)


def list_some(
    tx: Transaction, tenant_id: int, *, subject: str | None, after: str, limit: int, now: int
) -> list[SessionRecord]:
    """List sessions in the order in which they began, `limit` of them, from behind the sid `after` on."""
    values = {"tenant_id": tenant_id, "subject": subject, "after": after, "limit": limit, "now": now}
    return [SessionRecord(*row) for row in tx.execute(_LIST, values)]
