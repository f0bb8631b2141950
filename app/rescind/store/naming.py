"""Ids of clients and names of people are kept apart within a tenant (RFC 9700 section 4.15).

A client that acts for itself is its own subject. If it had the id that a person has as subject, a resource
server could take the one for the other.
"""

from sqlalchemy import BigInteger, ColumnElement, Text, and_, bindparam, cast, exists, func, not_, select

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.statements import POSTGRESQL, SQLITE, plain
from rescind.store.tables import clients, grants, sessions, subjects, users

_NAME = bindparam("name", type_=Text)
# One who takes a name sees what another has made under it, or waits. SQLite has one writer at a time.
_TAKE = plain(
    {
        POSTGRESQL: select(
            func.pg_advisory_xact_lock(func.hashtextextended(_NAME, cast(TENANT_ID, BigInteger)))
        ),
        SQLITE: select(_NAME),
    }
)


def take(tx: Transaction, tenant_id: int, name: str) -> None:
    """Keep others from making a client or a user of this name until the end of the transaction."""
    tx.rows(_TAKE, tenant_id=tenant_id, name=name)


def is_no_client(name: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether no client that is there has this id."""
    return not_(
        exists().where(
            clients.c.tenant_id == TENANT_ID, clients.c.client_id == name, clients.c.deleted_at.is_(None)
        )
    )


def is_nobody(name: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether nobody of this name signs in, has ever signed in or given anything, or was ever ended.

    The row of a subject stays when all else is purged, and when the user is deleted: resource servers go on
    knowing whom they were told of.
    """
    return and_(
        not_(exists().where(users.c.tenant_id == TENANT_ID, users.c.username == name)),
        not_(exists().where(sessions.c.tenant_id == TENANT_ID, sessions.c.subject == name)),
        not_(exists().where(grants.c.tenant_id == TENANT_ID, grants.c.subject == name)),
        not_(exists().where(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == name)),
    )
