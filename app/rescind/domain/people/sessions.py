"""One sign-in of a subject at a browser."""

import secrets
from typing import Any

from rescind.domain import clock, names
from rescind.domain.authority import Authority
from rescind.domain.secrets import digest, new_id
from rescind.store import sessions
from rescind.store.records import SessionRecord, TenantRecord


def open_session(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    *,
    subject_epoch: int,
    lifetime_seconds: int,
    auth_time: int | None = None,
    replaces: SessionRecord | None = None,
) -> tuple[str, str]:
    """Begin a session, and commit.

    Who signs in again at a browser goes on in the session that is there, under a new cookie. If each sign-in
    had one of its own, a logout would end the last of them alone, and leave what was granted in the others.

    Args:
        subject_epoch: as the request read it first, before the sign-in was checked.
        auth_time: when the subject signed in, where that is not now.
        replaces: a session of this browser that was live. Of another subject, it is left alone.

    Raises:
        BadValue: the subject can't be one.
        StoreUnavailable: the session is not known to have begun.

    Returns:
        Its public id (`sid`) and the value of its cookie, of which only the digest is kept.
    """
    names.subject(subject)
    now, sid, cookie = clock.now(), new_id(), secrets.token_urlsafe(32)
    known = replaces if replaces is not None and replaces.subject == subject else None
    values: dict[str, Any] = {
        "cookie_digest": digest(cookie),
        "auth_time": now if auth_time is None else auth_time,
        "tenant_epoch": tenant.epoch,
        "subject_epoch": subject_epoch,
        "expires_at": now + lifetime_seconds,
    }
    with authority.store.writing() as tx:
        if known is not None and sessions.renew(tx, tenant.id, known, now=now, **values):
            return known.sid, cookie
        sessions.add(tx, tenant.id, sid=sid, subject=subject, **values)
    return sid, cookie
