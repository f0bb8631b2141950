"""Somebody gives themselves a new password: it ends their other sessions, and not the one at hand."""

from rescind.domain.authority import Authority
from rescind.domain.people import passwords, throttling
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import PASSWORD_CHANGED, Cause, Revocation
from rescind.errors import Refused, SignInRefused
from rescind.store import sessions, users
from rescind.store.engine import Transaction
from rescind.store.people_records import UserRecord
from rescind.store.records import SessionRecord, TenantRecord

_BATCH_SESSIONS = 100


class WrongPassword(Refused):
    """The present password is another than the one that was typed."""

    def __init__(self) -> None:
        super().__init__("The current password is not right.")


def has_password(authority: Authority, tenant: TenantRecord, subject: str) -> bool:
    """Tell whether somebody signs in with a password of ours that they may change.

    Not while workers of the version before may be left: a sign-in with the old one does not look again there.
    """
    may_change = authority.has_users and authority.store.is_settled
    return may_change and _stored(_user(authority, tenant, subject)) is not None


def change(
    authority: Authority,
    tenant: TenantRecord,
    session: SessionRecord,
    current: str,
    new: str,
    *,
    address: str,
    request_id: str | None,
) -> None:
    """Change the password of who is signed in, and end their other sessions with what was given in these.

    What was given `offline_access` goes on, as at a logout. A sign-in with the old password that is under way
    looks at the password once more when its session has begun; so either it finds the new one, or its session
    is found here.

    Args:
        session: the one that stays.
        address: of the browser, for throttling; empty where it is not known.

    Raises:
        BadValue: the new password can't be one.
        SignInThrottled: there were too many attempts.
        StoreUnavailable: not known whether it was changed, or not all was ended. The same may be tried again.
        TooBusy: this process is at as many passwords as it takes at once.
        WrongPassword: the current one is another. Nothing was changed.
    """
    threads = authority.settings.pool_size
    passwords.checked(new)
    passwords.demand_turn(threads)
    stored = _stored(_user(authority, tenant, session.subject))
    with authority.store.reading() as tx:
        allowance = throttling.look(tx, authority, tenant.id, session.subject, address, stored)
    with passwords.turn(threads):
        allowance.take()
        if not passwords.is_password(current, stored):
            refusal = allowance.refusal()
            raise WrongPassword if isinstance(refusal, SignInRefused) else refusal
    changed = passwords.hashed(new, threads)
    cause = Cause(PASSWORD_CHANGED, f"subject:{session.subject}", request_id=request_id)

    def write(tx: Transaction) -> list[Revocation]:
        if not users.renew_hash(tx, tenant.id, session.subject, stored or "", changed):
            raise WrongPassword
        allowance.restore(tx)
        throttling.become_familiar(tx, tenant.id, session.subject, address, changed)
        return _end_others(authority, tx, tenant, session, cause)

    _announce(authority, authority.store.transact(write))
    while ended := authority.store.transact(lambda tx: _end_others(authority, tx, tenant, session, cause)):
        _announce(authority, ended)


def _announce(authority: Authority, ended: list[Revocation]) -> None:
    for each in ended:
        hooks.announce(authority, each)


def _end_others(
    authority: Authority, tx: Transaction, tenant: TenantRecord, session: SessionRecord, cause: Cause
) -> list[Revocation]:
    live = sessions.list_live(tx, tenant.id, session.subject, limit=_BATCH_SESSIONS)
    others = [selectors.Session(tenant.name, each.sid) for each in live if each.sid != session.sid]
    return [revocation.apply(authority, tx, tenant, each, cause) for each in others]


def _user(authority: Authority, tenant: TenantRecord, subject: str) -> UserRecord | None:
    with authority.store.reading() as tx:
        return users.find(tx, tenant.id, subject)


def _stored(user: UserRecord | None) -> str | None:
    return user.password_hash if user is not None else None
