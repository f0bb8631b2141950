"""Sign-in with a username and a password at the built-in pages."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import passwords, sessions, throttling
from rescind.domain.revoking import logout
from rescind.domain.revoking.causes import PASSWORD_CHANGED
from rescind.domain.revoking.epochs import of_subject
from rescind.errors import SignInRefused, SignInThrottled, TooBusy
from rescind.store import revocations, users
from rescind.store.engine import Transaction
from rescind.store.people_records import UserRecord
from rescind.store.records import SessionRecord, TenantRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun, and the value of its cookie: only its digest is kept."""

    subject: str
    sid: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Browser:
    address: str
    sessions: Sequence[SessionRecord]
    user_agent: str | None


def sign_in(
    authority: Authority,
    tenant: TenantRecord,
    username: str,
    password: str,
    *,
    address: str,
    request_id: str | None,
    at_browser: Sequence[SessionRecord] = (),
    user_agent: str | None = None,
) -> SignedIn:
    """Check a username and its password, and begin a session.

    Whoever was signed in at this browser before is signed out, and a session of the same subject goes on: a
    browser has one session, and its logout ends all that was granted there.

    Who is unknown, disabled or without a password is answered as for a wrong password, after the same work.
    The epochs are read before the password: a session whose sign-in was under way when the subject was
    revoked, the password changed or the user disabled, is dead when it begins.

    Args:
        tenant: as this request read it first; its epoch counts.
        username: spaces at its ends, which phones add, do not count.
        address: of the client, for throttling; empty where it is not known.
        request_id: for the log and the event row.
        at_browser: the live sessions whose cookies the browser has shown.
        user_agent: which browser it is, in words.

    Raises:
        SignInRefused: always the same.
        SignInThrottled: there were too many attempts.
        TooBusy: this process is at as many sign-ins as it takes at once.
        StoreUnavailable: nobody was signed in.
    """
    known = {"tenant": tenant.name} | ({"request_id": request_id} if request_id else {})
    try:
        browser = _Browser(address, at_browser, user_agent)
        signed_in = _sign_in(authority, tenant, username.strip(), password, browser)
    except SignInThrottled as error:
        told = {"counted_by": error.counted_by, "retry_after_seconds": error.retry_after_seconds}
        log.warning("sign-in throttled", extra=known | told)
        raise
    except TooBusy:
        log.info("sign-in sent away: others are signing in", extra=known)
        raise
    except SignInRefused:
        log.info("sign-in refused", extra=known)
        raise
    for each in at_browser:
        if each.sid != signed_in.sid:
            actor = f"subject:{each.subject}"
            logout.end_session(authority, tenant, each.sid, actor=actor, request_id=request_id)
    return signed_in


def _sign_in(
    authority: Authority,
    tenant: TenantRecord,
    username: str,
    password: str,
    browser: _Browser,
) -> SignedIn:
    threads = authority.settings.pool_size
    # First, so that of a flood each costs as little as it can.
    passwords.demand_turn(threads)
    with authority.store.reading() as tx:
        username = users.name_of(tx, tenant.id, username) if names.is_storable(username) else username
        # In this order: a hash that is older than the epoch would let the old password in after a change.
        epoch = revocations.subject_epoch(tx, tenant.id, username) if names.is_storable(username) else None
        user = users.find(tx, tenant.id, username) if names.is_storable(username) else None
        stored = user.password_hash if user else None
        allowance = throttling.look(tx, authority, tenant.id, username, browser.address, stored)
    if epoch is None and user is not None:
        # Made by the version before, or lost; in the same order once more.
        of_subject(authority, tenant.id, username)
        return _sign_in(authority, tenant, username, password, browser)
    # Who is sent away because others are at it has guessed nothing, and is not counted. Held to the end, so
    # that those who sign in have no more threads than these, whatever they wait for.
    with passwords.turn(threads):
        allowance.take()
        is_right = passwords.is_password(password, stored)
        if not is_right or user is None or user.disabled_at is not None or epoch is None:
            raise allowance.refusal()
        known = _remember(authority, tenant, user, password, browser.address, allowance)
        sid, cookie = sessions.open_session(
            authority,
            tenant,
            user.username,
            subject_epoch=epoch,
            lifetime_seconds=authority.settings.session_seconds,
            replaces=next((each for each in browser.sessions if each.subject == user.username), None),
            user_agent=browser.user_agent,
        )
        _end_if_changed(authority, tenant, user.username, sid, password, known)
    return SignedIn(user.username, sid, cookie)


def _end_if_changed(
    authority: Authority, tenant: TenantRecord, username: str, sid: str, password: str, known: str
) -> None:
    """End the session that has just begun if the password was changed by its person meanwhile.

    That raises no epoch, and ends what sessions there are: this one may not have been there yet.
    """
    with authority.store.reading() as tx:
        user = users.find(tx, tenant.id, username)
    now = user.password_hash if user is not None else None
    if now != known and not passwords.is_password(password, now):
        actor = f"subject:{username}"
        logout.end_session(authority, tenant, sid, cause=PASSWORD_CHANGED, actor=actor, request_id=None)


def _remember(
    authority: Authority,
    tenant: TenantRecord,
    user: UserRecord,
    password: str,
    address: str,
    allowance: throttling.Allowance,
) -> str:
    """Forget the failures before this success, and hash the password anew if that is done otherwise today.

    Returns:
        The hash of it that is kept now.
    """
    stored = user.password_hash or ""
    renewed = passwords.rehashed(password, stored)

    def remember(tx: Transaction) -> str:
        is_renewed = renewed is not None and users.renew_hash(
            tx, tenant.id, user.username, stored, str(renewed)
        )
        allowance.restore(tx)
        known = str(renewed) if is_renewed else stored
        throttling.become_familiar(tx, tenant.id, user.username, address, known)
        return known

    return authority.store.transact(remember)
