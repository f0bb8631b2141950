"""Statements on `sessions`."""

from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, not_, or_, select, update

from rescind.store.activity import NOW, SESSION_JOINED, TENANT_ID, session_ended, session_expired
from rescind.store.columns import is_if_given
from rescind.store.engine import Transaction
from rescind.store.records import SessionRecord
from rescind.store.tables import grants, sessions, subjects, tenants

_BASE = (
    select(
        sessions.c.sid,
        sessions.c.subject,
        sessions.c.auth_time,
        sessions.c.tenant_epoch,
        sessions.c.subject_epoch,
        sessions.c.expires_at,
        session_ended.label("session_is_ended"),
        session_expired.label("session_is_expired"),
    )
    .select_from(SESSION_JOINED)
    .where(sessions.c.tenant_id == TENANT_ID)
)
_FIND = _BASE.where(sessions.c.sid == bindparam("sid"))
_FIND_BY_COOKIE = _BASE.where(sessions.c.cookie_digest == bindparam("cookie_digest"))
_LIST_LIVE = (
    _BASE.where(sessions.c.subject == bindparam("subject"), not_(or_(session_ended, session_expired)))
    .order_by(sessions.c.auth_time.desc(), sessions.c.sid.desc())
    .limit(bindparam("limit"))
)
# Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
_RENEW = (
    update(sessions)
    .where(
        sessions.c.tenant_id == bindparam("of_tenant"),
        sessions.c.sid == bindparam("this"),
        sessions.c.subject == bindparam("of_subject"),
        sessions.c.tenant_epoch == bindparam("under_tenant_epoch"),
        sessions.c.subject_epoch == bindparam("under_subject_epoch"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > NOW,
    )
    .values(
        cookie_digest=bindparam("new_digest"),
        auth_time=bindparam("new_auth_time"),
        expires_at=bindparam("until"),
    )
    .returning(sessions.c.sid)
)
# When a sign-in at this time was ended, by name or with all of the subject or the tenant. By a clock that is
# ahead it may have been after that; what it led to is known to have ended all the same.
_ENDED_SIGN_IN = (
    select(
        func.coalesce(subjects.c.epoch, 0),
        subjects.c.epoch_at,
        tenants.c.epoch_at,
        sessions.c.ended_at,
        sessions.c.auth_time,
    )
    .select_from(
        tenants.outerjoin(
            subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == bindparam("subject"))
        ).outerjoin(
            sessions,
            and_(
                sessions.c.tenant_id == TENANT_ID,
                sessions.c.subject == bindparam("subject"),
                sessions.c.auth_time == bindparam("auth_time"),
                session_ended,
            ),
        )
    )
    .where(tenants.c.id == TENANT_ID)
)
_CLIENT_ID = bindparam("client_id", type_=grants.c.client_id.type)
_HAS_GRANT_OF_CLIENT = exists().where(
    grants.c.tenant_id == TENANT_ID,
    grants.c.session_sid == sessions.c.sid,
    grants.c.client_id == _CLIENT_ID,
)
_LIST = (
    _BASE.where(
        is_if_given(sessions.c.subject),
        or_(_CLIENT_ID.is_(None), _HAS_GRANT_OF_CLIENT),
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


def renew(
    tx: Transaction,
    tenant_id: int,
    known: SessionRecord,
    *,
    cookie_digest: bytes,
    auth_time: int,
    tenant_epoch: int,
    subject_epoch: int,
    expires_at: int,
    now: int,
) -> bool:
    """Let a session go on from another sign-in of its subject, under another cookie.

    Of two at once, as by a double click, the later one's cookie is the one that is good.

    Returns:
        Whether it did: one that has ended, has expired or began under other epochs stays as it is.
    """
    values = {
        "of_tenant": tenant_id,
        "this": known.sid,
        "of_subject": known.subject,
        "under_tenant_epoch": tenant_epoch,
        "under_subject_epoch": subject_epoch,
        "new_digest": cookie_digest,
        "new_auth_time": auth_time,
        "until": expires_at,
        "now": now,
    }
    return tx.execute(_RENEW, values).one_or_none() is not None


def find(tx: Transaction, tenant_id: int, sid: str, *, now: int) -> SessionRecord | None:
    """Find a session by its public id, active or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "sid": sid, "now": now}).one_or_none()
    return None if row is None else SessionRecord(*row)


def find_by_cookie(
    tx: Transaction, tenant_id: int, cookie_digest: bytes, *, now: int
) -> SessionRecord | None:
    """Find a session by the digest of its cookie, active or not."""
    values = {"tenant_id": tenant_id, "cookie_digest": cookie_digest, "now": now}
    row = tx.execute(_FIND_BY_COOKIE, values).one_or_none()
    return None if row is None else SessionRecord(*row)


def list_live(tx: Transaction, tenant_id: int, subject: str, *, limit: int, now: int) -> list[SessionRecord]:
    """List the live sessions of a subject, the newest sign-in first, `limit` of them at most."""
    values = {"tenant_id": tenant_id, "subject": subject, "limit": limit, "now": now}
    return [SessionRecord(*row) for row in tx.execute(_LIST_LIVE, values)]


def sign_in_state(tx: Transaction, tenant_id: int, subject: str, auth_time: int) -> tuple[int, int]:
    """Read the subject's epoch, and when what a sign-in at this time led to was last ended; -1 if never."""
    values = {"tenant_id": tenant_id, "subject": subject, "auth_time": auth_time}
    rows = tx.execute(_ENDED_SIGN_IN, values).all()
    ends = [at for row in rows for at in row[1:] if at is not None]
    return int(rows[0][0]), max(ends, default=-1)


def list_some(
    tx: Transaction,
    tenant_id: int,
    *,
    subject: str | None,
    client_id: str | None = None,
    after: str,
    limit: int,
    now: int,
) -> list[SessionRecord]:
    """List sessions in the order in which they began, `limit` of them, from behind the sid `after` on.

    Args:
        client_id: only those with a grant of this client.
    """
    values: dict[str, Any] = {"tenant_id": tenant_id, "subject": subject, "client_id": client_id}
    values |= {"after": after, "limit": limit, "now": now}
    return [SessionRecord(*row) for row in tx.execute(_LIST, values)]
