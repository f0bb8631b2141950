"""One sign-in of a subject at a browser."""

import secrets

from rescind.domain import clock, names
from rescind.domain.authority import Authority
from rescind.domain.secrets import digest, new_id
from rescind.store import sessions
from rescind.store.records import TenantRecord


def open_session(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    *,
    subject_epoch: int,
    lifetime_seconds: int,
    auth_time: int | None = None,
) -> tuple[str, str]:
    """Begin a session, and commit.

    Args:
        subject_epoch: as the request read it first, before the sign-in was checked.
        auth_time: when the subject signed in, where that is not now.

    Raises:
        BadValue: the subject can't be one.
        StoreUnavailable: the session is not known to have begun.

    Returns:
        Its public id (`sid`) and the value of its cookie, of which only the digest is kept.
    """
    names.subject(subject)
    now, sid, cookie = clock.now(), new_id(), secrets.token_urlsafe(32)
    with authority.store.writing() as tx:
        sessions.add(
            tx,
            tenant.id,
            sid=sid,
            cookie_digest=digest(cookie),
            subject=subject,
            auth_time=now if auth_time is None else auth_time,
            tenant_epoch=tenant.epoch,
            subject_epoch=subject_epoch,
            expires_at=now + lifetime_seconds,
        )
    return sid, cookie
