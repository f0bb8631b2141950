"""The people who sign in at the built-in pages. A username is the subject of their sessions and grants.

A changed password and a disabled user end everything of the subject, in the transaction that says so.
"""

from dataclasses import replace
from typing import Any

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import passwords, throttling
from rescind.domain.people.details import checked
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import PASSWORD_CHANGED, USER_DELETED, USER_DISABLED, Cause, Revocation
from rescind.errors import NotFound
from rescind.store import revocations, users
from rescind.store.engine import Transaction
from rescind.store.people_records import UserRecord
from rescind.store.records import TenantRecord


def create(
    authority: Authority, tenant: TenantRecord, username: str, password: str | None = None, **details: Any
) -> UserRecord:
    """Make a user.

    Args:
        password: without one, nobody signs in under the name until `set_password`.
        details: as `details.checked` takes them.

    Raises:
        BadValue: the username, the password or a detail is not what it must be.
        AlreadyExists: the username is taken, by a disabled user too.
    """
    username, told = names.username(username), checked(details)
    password_hash = passwords.hashed(password, authority.settings.pool_size) if password is not None else None

    def make(tx: Transaction) -> UserRecord:
        made = users.create(tx, tenant.id, username, password_hash, told)
        revocations.make_subject(tx, tenant.id, made.username)
        return made

    return authority.store.transact(make)


def get(authority: Authority, tenant: TenantRecord, username: str) -> UserRecord:
    """Find a user, disabled or not, whichever way the name is written.

    Raises:
        NotFound: there is none.
    """
    with authority.store.reading() as tx:
        is_storable = names.is_storable(username)
        user = users.find(tx, tenant.id, users.name_of(tx, tenant.id, username)) if is_storable else None
    if user is None:
        raise NotFound(f"There is no user {username!r} in the tenant {tenant.name}.")
    return user


def update(authority: Authority, tenant: TenantRecord, username: str, **details: Any) -> UserRecord:
    """Change what is given of a user, and leave the rest. Nothing of theirs ends.

    A new address is not verified, where that is not said of it.

    Args:
        details: as `details.checked` takes them.

    Raises:
        BadValue: a detail is not what it must be.
        NotFound: there is no such user.
    """
    told = checked(details)
    username = get(authority, tenant, username).username

    def change(tx: Transaction) -> UserRecord:
        is_there = users.hold(tx, tenant.id, username)
        found = users.find(tx, tenant.id, username) if is_there else None
        if found is None:
            raise NotFound(f"The user {username!r} was deleted meanwhile.")
        is_new = told.get("email", found.person.email) != found.person.email
        unverified = {"is_email_verified": None} if is_new else {}
        changed = users.set_details(tx, tenant.id, replace(found.person, **{**unverified, **told}))
        return changed or found

    return authority.store.transact(change)


def set_password(
    authority: Authority, tenant: TenantRecord, username: str, password: str, *, actor: str
) -> Revocation:
    """Give a user a new password and revoke all of the subject, in one transaction.

    Failed sign-ins of the username are forgotten, and those of an address do not count for the new password
    for an hour: who has just been given one is let in with it.

    Raises:
        BadValue: the password is not what it must be.
        NotFound: there is no such user.
    """
    username = get(authority, tenant, username).username
    password_hash = passwords.hashed(password, authority.settings.pool_size)

    def change(tx: Transaction) -> Revocation:
        if not users.set_hash(tx, tenant.id, username, password_hash):
            raise NotFound(f"There is no user {username!r} in the tenant {tenant.name}.")
        throttling.let_in(tx, tenant.id, username, password_hash)
        return _end_all(authority, tx, tenant, username, Cause(PASSWORD_CHANGED, actor))

    done = authority.store.transact(change)
    hooks.announce(authority, done)
    return done


def disable(authority: Authority, tenant: TenantRecord, username: str, *, actor: str) -> Revocation:
    """Keep a user from signing in and revoke all of the subject, in one transaction.

    Returns:
        What ended. For a user who is disabled already that is nothing, and no event.

    Raises:
        NotFound: there is no such user.
    """
    username = get(authority, tenant, username).username

    def change(tx: Transaction) -> Revocation:
        is_new = users.disable(tx, tenant.id, username)
        return _end_all(authority, tx, tenant, username, Cause(USER_DISABLED, actor), is_noted=is_new)

    done = authority.store.transact(change)
    hooks.announce(authority, done)
    return done


def enable(authority: Authority, tenant: TenantRecord, username: str) -> UserRecord:
    """Let a user sign in again; one who is not disabled may already. Nothing of before comes back to life.

    Raises:
        NotFound: there is no such user.
    """
    username = get(authority, tenant, username).username
    authority.store.transact(lambda tx: users.enable(tx, tenant.id, username))
    return get(authority, tenant, username)


def delete(authority: Authority, tenant: TenantRecord, username: str, *, actor: str) -> Revocation:
    """Take a user away and revoke all of the subject, in one transaction.

    The name may come back; what it was given before stays dead.

    Raises:
        NotFound: there is no such user.
    """
    username = get(authority, tenant, username).username

    def end(tx: Transaction) -> Revocation:
        if not users.hold(tx, tenant.id, username):
            raise NotFound(f"The user {username!r} was deleted meanwhile.")
        ended = _end_all(authority, tx, tenant, username, Cause(USER_DELETED, actor))
        users.delete(tx, tenant.id, username)
        throttling.forget(tx, tenant.id, username)
        return ended

    done = authority.store.transact(end)
    hooks.announce(authority, done)
    return done


def _end_all(
    authority: Authority,
    tx: Transaction,
    tenant: TenantRecord,
    username: str,
    cause: Cause,
    *,
    is_noted: bool = True,
) -> Revocation:
    """End all of the subject. What was done to the user is told also where they had nothing."""
    selector = selectors.Subject(tenant.name, username)
    return revocation.apply(authority, tx, tenant, selector, cause, is_noted=is_noted)
