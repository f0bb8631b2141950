"""Statements on `sessions`."""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, func, not_, or_, select, update

from rescind.store.activity import SESSION_JOINED, TENANT_ID, session_ended, session_expired
from rescind.store.clock import NOW
from rescind.store.columns import is_if_given
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS, later
from rescind.store.records import SessionRecord
from rescind.store.shapes import Shape
from rescind.store.spellings import SPELLINGS, is_spelled, spelled
from rescind.store.statements import Statement, plain
from rescind.store.tables import session_clients, sessions, subjects, tenants
from rescind.store.writes import Write, inserting

_SESSION = Shape(
    SessionRecord, sessions, prefix="session_", is_ended=session_ended, is_expired=session_expired
)
_SID = bindparam("sid", type_=Text)
_COOKIE = bindparam("new_cookie_digest", type_=LargeBinary)
_SUBJECT = bindparam("of_subject", type_=Text)
_SIGNED_IN_AT = func.coalesce(bindparam("signed_in_at", type_=BigInteger), NOW)
_USER_AGENT = bindparam("began_with", type_=Text)
_EXPIRES_AT = NOW + bindparam("lifetime_seconds", type_=BigInteger)
_TENANT_EPOCH = bindparam("under_tenant_epoch", type_=BigInteger)
_SUBJECT_EPOCH = bindparam("under_subject_epoch", type_=BigInteger)

_BASE = select(*_SESSION.columns).select_from(SESSION_JOINED).where(sessions.c.tenant_id == TENANT_ID)
_FIND = Statement(_BASE.where(sessions.c.sid == _SID), _SESSION)
_FIND_BY_COOKIE = Statement(
    _BASE.where(sessions.c.cookie_digest == bindparam("cookie_digest", type_=LargeBinary)), _SESSION
)
_LIST_LIVE = Statement(
    _BASE.where(is_spelled(sessions.c.subject), not_(or_(session_ended, session_expired)))
    .order_by(sessions.c.auth_time.desc(), sessions.c.sid.desc())
    .limit(bindparam("most", type_=BigInteger)),
    _SESSION,
)
_ADD = plain(
    inserting(
        sessions,
        columns=[],
        sid=_SID,
        cookie_digest=_COOKIE,
        subject=_SUBJECT,
        auth_time=_SIGNED_IN_AT,
        tenant_epoch=_TENANT_EPOCH,
        subject_epoch=_SUBJECT_EPOCH,
        expires_at=_EXPIRES_AT,
        user_agent=_USER_AGENT,
        seen_at=NOW,
        purge_at=_EXPIRES_AT + KEPT_SECONDS,
    )
)
_RENEW = plain(
    update(sessions)
    .where(
        sessions.c.tenant_id == TENANT_ID,
        sessions.c.sid == _SID,
        sessions.c.subject == _SUBJECT,
        sessions.c.tenant_epoch == _TENANT_EPOCH,
        sessions.c.subject_epoch == _SUBJECT_EPOCH,
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > NOW,
    )
    .values(
        cookie_digest=_COOKIE,
        auth_time=_SIGNED_IN_AT,
        expires_at=_EXPIRES_AT,
        user_agent=_USER_AGENT,
        seen_at=NOW,
        purge_at=later(sessions.c.purge_at, _EXPIRES_AT + KEPT_SECONDS),
    )
    .returning(sessions.c.sid)
)
_SEE: Write[tuple[str]] = Write(
    update(sessions)
    .where(
        sessions.c.tenant_id == TENANT_ID,
        sessions.c.sid == _SID,
        or_(
            sessions.c.seen_at.is_(None),
            sessions.c.seen_at <= NOW - bindparam("at_least_seconds", type_=BigInteger),
        ),
    )
    .values(seen_at=NOW)
    .returning(sessions.c.sid)
)
# What clients are to hear is remembered for as long as the session.
_RENEW_CLIENTS = plain(
    update(session_clients)
    .where(
        session_clients.c.tenant_id == TENANT_ID,
        session_clients.c.session_sid == _SID,
        session_clients.c.purge_at < _EXPIRES_AT + KEPT_SECONDS,
    )
    .values(purge_at=_EXPIRES_AT + KEPT_SECONDS)
)
# When a sign-in at this time was ended, by name or with all of the subject or the tenant. By a clock that is
# ahead it may have been after that; what it led to is known to have ended all the same.
_ENDED_SIGN_IN = plain(
    select(
        # Of the name as it is written today.
        select(subjects.c.epoch)
        .where(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == SPELLINGS[0])
        .scalar_subquery()
        .label("epoch"),
        subjects.c.epoch_at.label("subject_at"),
        tenants.c.epoch_at.label("tenant_at"),
        sessions.c.ended_at,
        sessions.c.auth_time,
    )
    .select_from(
        tenants.outerjoin(
            subjects, and_(subjects.c.tenant_id == TENANT_ID, is_spelled(subjects.c.subject))
        ).outerjoin(
            sessions,
            and_(
                sessions.c.tenant_id == TENANT_ID,
                is_spelled(sessions.c.subject),
                sessions.c.auth_time == bindparam("signed_in_at", type_=BigInteger),
                session_ended,
            ),
        )
    )
    .where(tenants.c.id == TENANT_ID)
)
_AFTER = bindparam("after", type_=Text)
_LIST = Statement(
    _BASE.where(is_if_given(sessions.c.subject), sessions.c.sid > _AFTER)
    .order_by(sessions.c.sid)
    .limit(bindparam("most", type_=BigInteger)),
    _SESSION,
    is_prepared=False,
)
# A client can have been given something in few sessions of millions: these lead to them, in their order.
_AT_CLIENT = (
    select(session_clients.c.session_sid)
    .where(
        session_clients.c.tenant_id == TENANT_ID,
        session_clients.c.client_id == bindparam("client_id", type_=Text),
        is_if_given(session_clients.c.subject),
        session_clients.c.session_sid > _AFTER,
    )
    .distinct()
    .subquery()
)
_LIST_AT_CLIENT = Statement(
    select(*_SESSION.columns)
    .select_from(SESSION_JOINED.join(_AT_CLIENT, _AT_CLIENT.c.session_sid == sessions.c.sid))
    .where(sessions.c.tenant_id == TENANT_ID, is_if_given(sessions.c.subject))
    .order_by(_AT_CLIENT.c.session_sid)
    .limit(bindparam("most", type_=BigInteger)),
    _SESSION,
    is_prepared=False,
)


def begin(
    tx: Transaction,
    tenant_id: int,
    *,
    sid: str,
    known: SessionRecord | None,
    cookie_digest: bytes,
    subject: str,
    signed_in_at: int | None,
    tenant_epoch: int,
    subject_epoch: int,
    lifetime_seconds: int,
    user_agent: str | None = None,
) -> str:
    """Write a session, or let a known one go on from another sign-in of its subject, under another cookie.

    Of two at once, as by a double click, the later one's cookie is the one that is good. One that has ended,
    has expired or began under other epochs does not go on.

    Args:
        sid: of the new one.
        signed_in_at: when that was; None for now.

    Returns:
        The public id of the session that goes on, or of the new one.
    """
    values = {
        "new_cookie_digest": cookie_digest,
        "of_subject": subject,
        "signed_in_at": signed_in_at,
        "under_tenant_epoch": tenant_epoch,
        "under_subject_epoch": subject_epoch,
        "lifetime_seconds": lifetime_seconds,
        "began_with": user_agent,
    }
    if known is not None and tx.first(_RENEW, tenant_id=tenant_id, sid=known.sid, **values) is not None:
        tx.rows(_RENEW_CLIENTS, tenant_id=tenant_id, sid=known.sid, lifetime_seconds=lifetime_seconds)
        return known.sid
    tx.rows(_ADD, tenant_id=tenant_id, sid=sid, **values)
    return sid


def see(store: Store, tenant_id: int, sid: str, *, at_least_seconds: int) -> None:
    """Note that a session is used now, and commit, unless that was noted so short a time ago."""
    store.write(_SEE, tenant_id=tenant_id, sid=sid, at_least_seconds=at_least_seconds)


def find(tx: Transaction, tenant_id: int, sid: str) -> SessionRecord | None:
    """Find a session by its public id, active or not."""
    return tx.first(_FIND, tenant_id=tenant_id, sid=sid)


def find_by_cookie(tx: Transaction, tenant_id: int, cookie_digest: bytes) -> SessionRecord | None:
    """Find a session by the digest of its cookie, active or not."""
    return tx.first(_FIND_BY_COOKIE, tenant_id=tenant_id, cookie_digest=cookie_digest)


def list_live(tx: Transaction, tenant_id: int, subject: str, *, limit: int) -> list[SessionRecord]:
    """List the live sessions of a subject, the newest sign-in first, `limit` of them at most."""
    return tx.rows(_LIST_LIVE, tenant_id=tenant_id, most=limit, **spelled(subject))


def sign_in_state(tx: Transaction, tenant_id: int, subject: str, auth_time: int) -> tuple[int | None, int]:
    """Read the subject's epoch, and when what a sign-in at this time led to was last ended; -1 if never.

    The epoch is None where the subject has no row.
    """
    rows = tx.rows(_ENDED_SIGN_IN, tenant_id=tenant_id, signed_in_at=auth_time, **spelled(subject))
    ends = [at for row in rows for at in row[1:] if at is not None]
    return rows[0][0], max(ends, default=-1)


def list_some(
    tx: Transaction,
    tenant_id: int,
    *,
    subject: str | None,
    client_id: str | None = None,
    after: str,
    limit: int,
) -> list[SessionRecord]:
    """List sessions in the order in which they began, `limit` of them, from behind the sid `after` on.

    Args:
        client_id: only those in which something was given to this client.
    """
    values = {"subject": subject, "after": after, "most": limit}
    if client_id is None:
        return tx.rows(_LIST, tenant_id=tenant_id, **values)
    return tx.rows(_LIST_AT_CLIENT, tenant_id=tenant_id, client_id=client_id, **values)
