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


def change(tx: Transaction, tenant_id: int, username: str, values: dict[str, Any]) -> bool:
    """Set columns of a user. Gives whether there was such a user."""
    # Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
    this = users.c.tenant_id == bindparam("of_tenant"), users.c.username == bindparam("this")
    statement = update(users).where(*this).values(values).returning(users.c.username)
    return tx.execute(statement, {"of_tenant": tenant_id, "this": username}).one_or_none() is not None
