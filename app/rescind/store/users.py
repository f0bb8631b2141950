"""Statements on `users`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Text, bindparam, exists, not_, select, update
from sqlalchemy import delete as delete_

from rescind.errors import AlreadyExists
from rescind.store import naming
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.people_records import PersonRecord, UserRecord
from rescind.store.shapes import Shape
from rescind.store.spellings import SPELLINGS, composed, is_spelled
from rescind.store.spellings import spelled as ways
from rescind.store.statements import Statement, plain
from rescind.store.tables import users
from rescind.store.writes import inserting, spelled

# What is known of somebody beside what the sign-in needs.
DETAILS = ("email", "is_email_verified", "display_name", "picture", "phone", "claims")
PERSON = Shape(PersonRecord, users, prefix="person_", present="username")
_USER = Shape(UserRecord, users, nested={"person": PERSON})
_THIS = (users.c.tenant_id == TENANT_ID, users.c.username == bindparam("username", type_=Text))
_FIND = Statement(select(*_USER.columns).where(*_THIS), _USER)
_LIST = Statement(
    select(*_USER.columns)
    .where(users.c.tenant_id == TENANT_ID, users.c.username > bindparam("after", type_=Text))
    .order_by(users.c.username)
    .limit(bindparam("most", type_=Integer)),
    _USER,
)
_NAME = plain(
    select(users.c.username)
    .where(users.c.tenant_id == TENANT_ID, is_spelled(users.c.username))
    # Of several that are there, the one that was given.
    .order_by(users.c.username != SPELLINGS[1], users.c.username != SPELLINGS[0])
    .limit(1)
)
_CREATE = Statement(
    spelled(
        lambda insert: (
            inserting(
                users,
                naming.is_no_client(bindparam("username", type_=Text))
                & not_(exists().where(users.c.tenant_id == TENANT_ID, is_spelled(users.c.username))),
                columns=["username", "password_hash", *DETAILS],
                insert=insert,
                created_at=NOW,
            )
            .on_conflict_do_nothing()
            .returning(*_USER.columns)
        )
    ),
    _USER,
)
_UPDATE = update(users).where(*_THIS).returning(users.c.username)
_SET = _UPDATE.values(password_hash=bindparam("new", type_=Text))
_SET_HASH = plain(_SET)
_SET_DETAILS = Statement(
    update(users)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}", type_=users.c[name].type) for name in DETAILS})
    .returning(*_USER.columns),
    _USER,
)
_RENEW_HASH = plain(_SET.where(users.c.password_hash == bindparam("old", type_=Text)))
# In the order in which all others lock a user and their subject.
_HOLD = plain(select(users.c.username).where(*_THIS).with_for_update())
_DELETE = plain(delete_(users).where(*_THIS).returning(users.c.username))
_DISABLE = plain(_UPDATE.values(disabled_at=NOW).where(users.c.disabled_at.is_(None)))
_ENABLE = plain(_UPDATE.values(disabled_at=None).where(users.c.disabled_at.is_not(None)))


def find(tx: Transaction, tenant_id: int, username: str) -> UserRecord | None:
    """Find a user, disabled or not."""
    return tx.first(_FIND, tenant_id=tenant_id, username=username)


def name_of(tx: Transaction, tenant_id: int, given: str) -> str:
    """Give a username as it is kept, whichever way it is written; composed where there is none."""
    if given.isascii():
        return given
    found: str | None = tx.value(_NAME, tenant_id=tenant_id, **ways(given))
    return found if found is not None else composed(given)


def list_some(tx: Transaction, tenant_id: int, *, after: str, limit: int) -> list[UserRecord]:
    """List users by name, disabled ones too, `limit` of them, from behind the name `after` on."""
    return tx.rows(_LIST, tenant_id=tenant_id, after=after, most=limit)


def create(
    tx: Transaction,
    tenant_id: int,
    username: str,
    password_hash: str | None,
    details: Mapping[str, Any] | None = None,
) -> UserRecord:
    """Add a user.

    Args:
        details: any of `DETAILS`.

    Raises:
        AlreadyExists: the username is taken, or is the id of a client.
    """
    naming.take(tx, tenant_id, username)
    values = {"username": username, "password_hash": password_hash, **ways(username)}
    told = {**dict.fromkeys(DETAILS), **(details or {})}
    made = tx.first(_CREATE, tenant_id=tenant_id, **values, **told)
    if made is None:
        is_there = find(tx, tenant_id, name_of(tx, tenant_id, username)) is not None
        what = "user" if is_there else "client"
        why = "" if is_there else ", and a person of that name could be taken for it"
        raise AlreadyExists(f"The {what} {username!r} is there already{why}.")
    return made


def set_hash(tx: Transaction, tenant_id: int, username: str, new: str) -> bool:
    """Replace the hash of a password. Gives whether there is such a user."""
    return _did(tx, _SET_HASH, tenant_id, username, new=new)


def set_details(tx: Transaction, tenant_id: int, person: PersonRecord) -> UserRecord | None:
    """Write all that is known of a user. Gives the user; None where there is none any more."""
    values = {f"new_{name}": getattr(person, name) for name in DETAILS}
    return tx.first(_SET_DETAILS, tenant_id=tenant_id, username=person.username, **values)


def renew_hash(tx: Transaction, tenant_id: int, username: str, old: str, new: str) -> bool:
    """Replace the hash of a password by another of the same one, unless it was changed meanwhile."""
    return _did(tx, _RENEW_HASH, tenant_id, username, old=old, new=new)


def hold(tx: Transaction, tenant_id: int, username: str) -> bool:
    """Let nobody else change a user until the end of the transaction. Gives whether there is one."""
    return _did(tx, _HOLD, tenant_id, username)


def delete(tx: Transaction, tenant_id: int, username: str) -> bool:
    """Take a user away. Gives whether this call did it."""
    return _did(tx, _DELETE, tenant_id, username)


def disable(tx: Transaction, tenant_id: int, username: str) -> bool:
    """Keep a user from signing in. Gives whether this call did it."""
    return _did(tx, _DISABLE, tenant_id, username)


def enable(tx: Transaction, tenant_id: int, username: str) -> bool:
    """Let a user sign in again. Gives whether this call did it."""
    return _did(tx, _ENABLE, tenant_id, username)


def _did(tx: Transaction, statement: Statement[Any], tenant_id: int, username: str, **values: Any) -> bool:
    return tx.first(statement, tenant_id=tenant_id, username=username, **values) is not None
