"""The session of a browser, by its cookie, and the sign-in of a host that brings its own.

A host says who is signed in and since when. Rescind keeps a session of its own for each such sign-in; once
that has ended, the host's word alone does not bring it back: only a later sign-in does.
"""

import logging
from dataclasses import dataclass

from flask import Request, Response

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people.sessions import open_session, see
from rescind.domain.purging import kept_since
from rescind.domain.registry.keys import SKEW_SECONDS
from rescind.domain.revoking.epochs import of_subject
from rescind.domain.secrets import digest
from rescind.store import sessions
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.pages import cookies, user_agents
from rescind.web.pages.forms import StaleForm
from rescind.web.pages.hosts import Host

log = logging.getLogger(__name__)


def current(authority: Authority, tenant: TenantRecord, request: Request) -> SessionRecord | None:
    """Find the live session of this browser at the tenant.

    None where it shows several cookies, alive or not: one may be an attacker's own, so that somebody acts in
    it unawares, and none is to be relied on.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    shown = cookies.value_of(request, cookies.SESSION, tenant.name)
    session = by_cookie(authority, tenant, shown) if shown is not None else None
    if session is not None:
        see(authority, tenant, session)
    return session


def live(authority: Authority, tenant: TenantRecord, request: Request) -> list[SessionRecord]:
    """Find every live session whose cookie this browser shows, to be ended: by far most show one.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    values = cookies.values_of(request, cookies.SESSION, tenant.name)
    shown = (by_cookie(authority, tenant, each) for each in values)
    return [session for session in shown if session is not None]


def by_cookie(authority: Authority, tenant: TenantRecord, cookie: str) -> SessionRecord | None:
    """Find a live session by the value of its cookie."""
    with authority.store.reading() as tx:
        session = sessions.find_by_cookie(tx, tenant.id, digest(cookie))
    return session if session is not None and session.is_active else None


def set_cookie(response: Response, tenant: TenantRecord, cookie: str) -> None:
    """Give the browser its session."""
    cookies.set_cookie(response, cookies.SESSION, tenant, cookie)


def clear_cookie(response: Response, tenant: TenantRecord) -> None:
    """Take the session away from the browser. That it has ended is decided elsewhere."""
    cookies.clear_cookie(response, cookies.SESSION, tenant)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A live session, and its cookie where it was opened just now."""

    session: SessionRecord
    new_cookie: str | None = None


def shown_to(
    authority: Authority, tenant: TenantRecord, request: Request, host: Host | None, sid: str
) -> SessionRecord:
    """Give the session of this browser, if it is the one that a form was shown to.

    Raises:
        StaleForm: it is another, or it has ended.
        StoreUnavailable: the store did not answer.
    """
    admitted = admit(authority, tenant, request, host)
    if admitted is None or admitted.session.sid != sid:
        raise StaleForm
    return admitted.session


def keep(response: Response, tenant: TenantRecord, admitted: Admitted | None) -> Response:
    """Give the browser the cookie of a session that was opened just now, if one was."""
    if admitted is not None and admitted.new_cookie is not None:
        set_cookie(response, tenant, admitted.new_cookie)
    return response


def _sign_in_state(authority: Authority, tenant_id: int, subject: str, signed_in_at: int) -> tuple[int, int]:
    """Read the epoch of a subject that signed in at a host, and when what came of it was last ended."""
    while True:
        with authority.store.reading() as tx:
            epoch, ended_at = sessions.sign_in_state(tx, tenant_id, subject, signed_in_at)
        if epoch is not None:
            return epoch, ended_at
        # Of one who was never here. Read once more: a revocation may have been faster.
        of_subject(authority, tenant_id, names.subject(subject))


def admit(authority: Authority, tenant: TenantRecord, request: Request, host: Host | None) -> Admitted | None:
    """Find who is signed in at this browser; None where nobody is.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    session = current(authority, tenant, request)
    if host is None:
        return Admitted(session) if session is not None else None
    named = host.named(tenant)
    if named is None:
        return None
    given, signed_in_at = named
    subject = names.subject(given)
    if signed_in_at > tenant.read_at + SKEW_SECONDS:
        # To take it for one of now would make it later than every end there will be.
        log.warning("current_subject gives a sign-in of the future", extra={"tenant": tenant.name})
        return None
    # From the composed name it is not known how older rows may have it.
    epoch, ended_at = _sign_in_state(authority, tenant.id, given, signed_in_at)
    # Also where the session is live: a request that was under way at the end may have opened it since.
    # What ended before the time for which ends are kept is not known any more.
    if signed_in_at <= max(ended_at, kept_since(authority, tenant.read_at)):
        return None
    if session is not None and (session.subject, session.auth_time) == (subject, signed_in_at):
        return Admitted(session)
    _, cookie = open_session(
        authority,
        tenant,
        subject,
        subject_epoch=epoch,
        lifetime_seconds=authority.settings.session_seconds,
        auth_time=signed_in_at,
        replaces=session,
        user_agent=user_agents.described(request),
    )
    opened = by_cookie(authority, tenant, cookie)
    return Admitted(opened, cookie) if opened is not None else None
