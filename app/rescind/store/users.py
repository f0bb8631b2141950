"""Statements on `users`."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from rescind.errors import AlreadyExists
from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.records import UserRecord
from rescind.store.tables import users

_COLUMNS: list[Any] = [users.c[field.name] for field in fields(UserRecord)]
_FIND = select(*_COLUMNS).where(users.c.tenant_id == TENANT_ID, users.c.username == bindparam("username"))

# Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
_UPDATE = (
    update(users)
    .where(users.c.tenant_id == bindparam("of_tenant"), users.c.username == bindparam("this"))
    .returning(users.c.username)
)
_SET_HASH = _UPDATE.values(password_hash=bindparam("new"))
_RENEW_HASH = _SET_HASH.where(users.c.password_hash == bindparam("old"))
_DISABLE = _UPDATE.values(disabled_at=bindparam("at")).where(users.c.disabled_at.is_(None))
_ENABLE = _UPDATE.values(disabled_at=None).where(users.c.disabled_at.is_not(None))


def find(tx: Transaction, tenant_id: int, username: str) -> UserRecord | None:
    """Find a user, disabled or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "username": username}).one_or_none()
    return None if row is None else UserRecord(*row)


def create(tx: Transaction, tenant_id: int, user: UserRecord) -> None:
    """Add a user.

    Raises:
        AlreadyExists: the username is taken.
    """
    try:
        tx.execute(insert(users), {"tenant_id": tenant_id, **asdict(user)})
    except IntegrityError as error:
        raise AlreadyExists(f"The user {user.username!r} is there already.") from error


def set_hash(tx: Transaction, tenant_id: int, username: str, password_hash: str) -> bool:
    """Replace the hash of a user's password. Gives whether there is such a user."""
    return _done(tx, _SET_HASH, tenant_id, username, new=password_hash)


def renew_hash(tx: Transaction, tenant_id: int, username: str, old: str, new: str) -> bool:
    """Replace one hash of a password by another of the same password. Gives whether the old one was there.

    A password that was changed meanwhile stays changed.
    """
    return _done(tx, _RENEW_HASH, tenant_id, username, old=old, new=new)


def disable(tx: Transaction, tenant_id: int, username: str, *, at: int) -> bool:
    """Disable a user. Gives whether this call did it."""
    return _done(tx, _DISABLE, tenant_id, username, at=at)


def enable(tx: Transaction, tenant_id: int, username: str) -> bool:
    """Enable a user. Gives whether this call did it."""
    return _done(tx, _ENABLE, tenant_id, username)


def _done(tx: Transaction, statement: Any, tenant_id: int, username: str, **values: Any) -> bool:
    given = {"of_tenant": tenant_id, "this": username, **values}
    return tx.execute(statement, given).one_or_none() is not None
