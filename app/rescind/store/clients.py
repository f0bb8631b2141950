"""Statements on `clients`."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
    update,
)

from rescind.errors import AlreadyExists
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Store, Transaction
from rescind.store.records import ClientRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients
from rescind.store.writes import Write, inserting, spelled

# What is set at the registration, and can be changed after.
_REGISTERED = (
    *("name", "is_public", "auth_method", "secret_digest", "jwks", "grant_types", "redirect_uris"),
    *("post_logout_redirect_uris", "allowed_origins", "backchannel_logout_uri", "scope"),
    *("backchannel_logout_session_required", "revocation_scope", "is_resource_server"),
)
_CLIENT = Shape(ClientRecord, clients)
_CLIENT_ID = bindparam("client_id", type_=Text)
_THIS = and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == _CLIENT_ID)
_LIVE = and_(_THIS, clients.c.deleted_at.is_(None))

_FIND = Statement(select(*_CLIENT.columns).where(_THIS), _CLIENT)
_LIST = Statement(
    select(*_CLIENT.columns)
    .where(clients.c.tenant_id == TENANT_ID, clients.c.deleted_at.is_(None))
    .order_by(clients.c.client_id),
    _CLIENT,
)
# As plain text: a value that is compared with a list of words would be taken for such a list itself.
_ORIGINS = " " + type_coerce(clients.c.allowed_origins, Text) + " "
_LISTS_ORIGIN = plain(
    select(clients.c.client_id)
    .where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.deleted_at.is_(None),
        # Not LIKE, to which % and _ in an origin mean other origins, and on SQLite capitals mean nothing.
        func.replace(_ORIGINS, bindparam("origin", type_=Text), "") != _ORIGINS,
    )
    .limit(1)
)


def _create_or_bring_back(insert: Any) -> Any:
    statement = inserting(
        clients,
        columns=["client_id", *_REGISTERED],
        insert=insert,
        # The epoch never goes back: what an earlier life of this id was given stays dead.
        epoch=literal_column("0", BigInteger),
        created_at=NOW,
    )
    again = {name: statement.excluded[name] for name in (*_REGISTERED, "created_at")}
    return statement.on_conflict_do_update(
        index_elements=[clients.c.tenant_id, clients.c.client_id],
        set_={**again, "deleted_at": None},
        where=clients.c.deleted_at.is_not(None),
    ).returning(*_CLIENT.columns)


_CREATE = Statement(spelled(_create_or_bring_back), _CLIENT)
_RENEW_SECRET: Write[tuple[str]] = Write(
    update(clients)
    .where(_THIS, clients.c.secret_digest == bindparam("old", type_=LargeBinary))
    .values(secret_digest=bindparam("new", type_=LargeBinary))
    .returning(clients.c.client_id)
)
_DELETE = plain(
    update(clients)
    .where(_LIVE)
    .values(secret_digest=None, jwks=None, deleted_at=NOW)
    .returning(clients.c.client_id)
)


def find(tx: Transaction, tenant_id: int, client_id: str) -> ClientRecord | None:
    """Find a client, deleted or not."""
    return tx.first(_FIND, tenant_id=tenant_id, client_id=client_id)


def list_all(tx: Transaction, tenant_id: int) -> list[ClientRecord]:
    """List the clients of a tenant that are not deleted, by id."""
    return tx.rows(_LIST, tenant_id=tenant_id)


def create(tx: Transaction, tenant_id: int, client: ClientRecord) -> ClientRecord:
    """Add a client. One that was deleted comes back with new data and goes on from its epoch.

    Raises:
        AlreadyExists: the client id is in use.
    """
    made = tx.first(_CREATE, tenant_id=tenant_id, **parameters(client))
    if made is None:
        raise AlreadyExists(f"The client {client.client_id} is there already.")
    return made


def change(tx: Transaction, tenant_id: int, client_id: str, values: dict[str, Any]) -> bool:
    """Set columns of a client that is not deleted.

    Returns:
        Whether there was such a client.
    """
    new = {name: bindparam(f"new_{name}", type_=clients.c[name].type) for name in values}
    statement: Statement[Any] = Statement(
        update(clients).where(_LIVE).values(new).returning(clients.c.client_id), is_prepared=False
    )
    given = {f"new_{name}": value for name, value in values.items()}
    return tx.first(statement, tenant_id=tenant_id, client_id=client_id, **given) is not None


def delete(tx: Transaction, tenant_id: int, client_id: str) -> bool:
    """Mark a client as deleted and wipe its secret and keys. Gives whether this call did it."""
    return tx.first(_DELETE, tenant_id=tenant_id, client_id=client_id) is not None


def renew_secret_digest(store: Store, tenant_id: int, client_id: str, old: bytes, new: bytes) -> bool:
    """Replace the digest of a secret, and commit, unless it was replaced meanwhile. Gives whether it was."""
    return store.write(_RENEW_SECRET, tenant_id=tenant_id, client_id=client_id, old=old, new=new) is not None


def lists_origin(tx: Transaction, tenant_id: int, origin: str) -> bool:
    """Tell whether a client of the tenant lists this origin, to the letter."""
    return tx.first(_LISTS_ORIGIN, tenant_id=tenant_id, origin=f" {origin} ") is not None
