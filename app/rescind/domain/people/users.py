"""The people who sign in at the built-in pages. A username is the subject of their sessions and grants.

A changed password and a disabled user end everything of the subject, in the transaction that says so.
"""

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import passwords, throttling
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import PASSWORD_CHANGED, USER_DISABLED, Cause, Revocation
from rescind.errors import NotFound, Refused
from rescind.store import users
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord, UserRecord


def create(
    authority: Authority, tenant: TenantRecord, username: str, password: str | None = None
) -> UserRecord:
    """Make a user.

    Args:
        password: without one, nobody signs in under the name until `set_password`.

    Raises:
        BadValue: the username or the password is not what it must be.
        AlreadyExists: the username is taken, by a disabled user too.
    """
    names.username(username)
    password_hash = passwords.hashed(password, authority.settings.pool_size) if password is not None else None
    return authority.store.transact(lambda tx: users.create(tx, tenant.id, username, password_hash))


def get(authority: Authority, tenant: TenantRecord, username: str) -> UserRecord:
    """Find a user, disabled or not.

    Raises:
        NotFound: there is none.
    """
    with authority.store.reading() as tx:
        user = users.find(tx, tenant.id, username) if names.is_storable(username) else None
    if user is None:
        raise NotFound(f"There is no user {username!r} in the tenant {tenant.name}.")
    return user


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
    get(authority, tenant, username)
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

    Raises:
        NotFound: there is no such user.
        Refused: the user is disabled already.
    """
    get(authority, tenant, username)

    def change(tx: Transaction) -> Revocation:
        if not users.disable(tx, tenant.id, username):
            raise Refused(f"The user {username} is disabled already.")
        return _end_all(authority, tx, tenant, username, Cause(USER_DISABLED, actor))

    done = authority.store.transact(change)
    hooks.announce(authority, done)
    return done


def enable(authority: Authority, tenant: TenantRecord, username: str) -> UserRecord:
    """Let a user sign in again. Nothing of before comes back to life.

    Raises:
        NotFound: there is no such user.
        Refused: the user is not disabled.
    """
    get(authority, tenant, username)
    if not authority.store.transact(lambda tx: users.enable(tx, tenant.id, username)):
        raise Refused(f"The user {username} is not disabled.")
    return get(authority, tenant, username)


def _end_all(
    authority: Authority, tx: Transaction, tenant: TenantRecord, username: str, cause: Cause
) -> Revocation:
    return revocation.apply(authority, tx, tenant, selectors.Subject(tenant.name, username), cause)
