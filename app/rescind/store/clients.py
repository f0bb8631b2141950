"""Statements on `clients`."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import BindParameter, Text, and_, bindparam, func, insert, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from rescind.errors import AlreadyExists
from rescind.store import tenants as tenant_rows
from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.records import ClientRecord, TenantRecord
from rescind.store.tables import clients, tenants

_CLIENT_ID: BindParameter[str | None] = bindparam("client_id")
_COLUMNS = tuple(clients.c[field.name] for field in fields(ClientRecord))
_THIS = and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == _CLIENT_ID)
_SPLIT = len(tenant_rows.COLUMNS)

_ADMIT = (
    select(*tenant_rows.COLUMNS, *_COLUMNS)
    .select_from(
        tenants.outerjoin(
            clients,
            and_(
                clients.c.tenant_id == tenants.c.id,
                clients.c.client_id == _CLIENT_ID,
                clients.c.deleted_at.is_(None),
            ),
        )
    )
    .where(tenants.c.name == bindparam("name"), tenants.c.disabled_at.is_(None))
)
_FIND = select(*_COLUMNS).where(_THIS)
_LIST = (
    select(*_COLUMNS)
    .where(clients.c.tenant_id == TENANT_ID, clients.c.deleted_at.is_(None))
    .order_by(clients.c.client_id)
)
# As plain text: a value that is compared with a list of words would be taken for such a list itself.
_ORIGINS = " " + type_coerce(clients.c.allowed_origins, Text) + " "
_ORIGIN = (
    select(clients.c.client_id)
    .where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.deleted_at.is_(None),
        # Not LIKE, to which % and _ in an origin mean other origins, and on SQLite capitals mean nothing.
        func.replace(_ORIGINS, bindparam("origin", type_=Text), "") != _ORIGINS,
    )
    .limit(1)
)


def admit(
    tx: Transaction, tenant_name: str, client_id: str | None
) -> tuple[TenantRecord, ClientRecord | None] | None:
    """Read a tenant that is open, and a client of it, in one statement: the first read of a request.

    The epochs in the records are the ones that this request carries on; nothing reads them again.

    Returns:
        None where there is no such tenant, or it is disabled.
    """
    row = tx.execute(_ADMIT, {"name": tenant_name, "client_id": client_id}).one_or_none()
    if row is None:
        return None
    client = ClientRecord(*row[_SPLIT:]) if row[_SPLIT] is not None else None
    return TenantRecord(*row[:_SPLIT]), client


def find(tx: Transaction, tenant_id: int, client_id: str) -> ClientRecord | None:
    """Find a client, deleted or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "client_id": client_id}).one_or_none()
    return None if row is None else ClientRecord(*row)


def list_all(tx: Transaction, tenant_id: int) -> list[ClientRecord]:
    """List the clients of a tenant that are not deleted, by id."""
    return [ClientRecord(*row) for row in tx.execute(_LIST, {"tenant_id": tenant_id})]


def create(tx: Transaction, tenant_id: int, client: ClientRecord) -> None:
    """Add a client. One that was deleted comes back with new data and goes on from its epoch.

    Raises:
        AlreadyExists: the client id is in use.
    """
    known = find(tx, tenant_id, client.client_id)
    if known is None:
        try:
            tx.execute(insert(clients), {"tenant_id": tenant_id, **asdict(client)})
        except IntegrityError as error:
            raise _in_use(client) from error
        return
    again = update(clients).where(_THIS_ROW, clients.c.deleted_at.is_not(None)).values(_changeable(client))
    returned = tx.execute(again.returning(clients.c.client_id), _this_row(tenant_id, client.client_id))
    if returned.one_or_none() is None:
        raise _in_use(client)


def change(tx: Transaction, tenant_id: int, client_id: str, values: dict[str, Any]) -> bool:
    """Set columns of a client that is not deleted.

    Returns:
        Whether there was such a client.
    """
    statement = update(clients).where(_THIS_ROW, clients.c.deleted_at.is_(None)).values(values)
    returned = tx.execute(statement.returning(clients.c.client_id), _this_row(tenant_id, client_id))
    return returned.one_or_none() is not None


def renew_secret_digest(tx: Transaction, tenant_id: int, client_id: str, old: bytes, new: bytes) -> bool:
    """Replace the digest of a secret, unless the secret was replaced meanwhile. Gives whether it was."""
    statement = update(clients).where(_THIS_ROW, clients.c.secret_digest == old).values(secret_digest=new)
    returned = tx.execute(statement.returning(clients.c.client_id), _this_row(tenant_id, client_id))
    return returned.one_or_none() is not None


def lists_origin(tx: Transaction, tenant_id: int, origin: str) -> bool:
    """Tell whether a client of the tenant lists this origin, to the letter."""
    return tx.execute(_ORIGIN, {"tenant_id": tenant_id, "origin": f" {origin} "}).first() is not None


# Other names than the columns', which `values` uses for itself.
_THIS_ROW = and_(clients.c.tenant_id == bindparam("of_tenant"), clients.c.client_id == bindparam("this"))


def _this_row(tenant_id: int, client_id: str) -> dict[str, Any]:
    return {"of_tenant": tenant_id, "this": client_id}


def _changeable(client: ClientRecord) -> dict[str, Any]:
    values = asdict(client)
    # The epoch never goes back: what an earlier life of this id was given stays dead.
    del values["client_id"], values["epoch"]
    return values


def _in_use(client: ClientRecord) -> AlreadyExists:
    return AlreadyExists(f"The client {client.client_id} is there already.")
