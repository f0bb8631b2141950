"""One sign-in of a subject at a browser."""

import contextlib
import secrets

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.secrets import digest, new_id
from rescind.errors import StoreUnavailable
from rescind.store import sessions
from rescind.store.records import SessionRecord, TenantRecord

SEEN_EVERY_SECONDS = 300
_LONGEST_USER_AGENT = 120


def open_session(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    *,
    subject_epoch: int,
    lifetime_seconds: int,
    auth_time: int | None = None,
    replaces: SessionRecord | None = None,
    user_agent: str | None = None,
) -> tuple[str, str]:
    """Begin a session, and commit.

    Who signs in again at a browser goes on in the session that is there, under a new cookie. If each sign-in
    had one of its own, a logout would end the last of them alone, and leave what was granted in the others.

    Args:
        subject_epoch: as the request read it first, before the sign-in was checked.
        auth_time: when the subject signed in, where that is not now.
        replaces: a session of this browser that was live. Of another subject, it is left alone.
        user_agent: which browser on which system it is, in words; cut where they are many.

    Raises:
        BadValue: the subject can't be one.
        StoreUnavailable: the session is not known to have begun.

    Returns:
        Its public id (`sid`) and the value of its cookie, of which only the digest is kept.
    """
    names.subject(subject)
    sid, cookie = new_id(), secrets.token_urlsafe(32)
    known = replaces if replaces is not None and replaces.subject == subject else None
    begun = authority.store.transact(
        lambda tx: sessions.begin(
            tx,
            tenant.id,
            sid=sid,
            known=known,
            cookie_digest=digest(cookie),
            subject=subject,
            signed_in_at=auth_time,
            tenant_epoch=tenant.epoch,
            subject_epoch=subject_epoch,
            lifetime_seconds=lifetime_seconds,
            user_agent=user_agent[:_LONGEST_USER_AGENT] if user_agent is not None else None,
        )
    )
    return begun, cookie


def see(authority: Authority, tenant: TenantRecord, session: SessionRecord) -> None:
    """Note that a session is used: once in some minutes, and not where the store takes no writes."""
    if session.seen_at is not None and tenant.read_at - session.seen_at < SEEN_EVERY_SECONDS:
        return
    with contextlib.suppress(StoreUnavailable):
        sessions.see(authority.store, tenant.id, session.sid, at_least_seconds=SEEN_EVERY_SECONDS)
