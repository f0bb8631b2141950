"""Statements on clients that registered themselves: what only they have (RFC 7591, RFC 7592)."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Text,
    bindparam,
    case,
    literal_column,
    select,
    update,
)

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.likenesses import RESERVED as RESERVED
from rescind.store.records import ClientRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients

# Of `clients.provenance`; where an operator registered it, it is NULL.
REGISTERED = "registered"
# What people give themselves lives for long, and nobody refreshes it: what an operator takes away from the
# client of these, they have lost at once. NULL for every other client.
reserved_scope: ColumnElement[tuple[str, ...]] = case(
    (clients.c.provenance == literal_column(f"'{RESERVED}'", Text), clients.c.scope)
)


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """A client that registered itself.

    Attributes:
        digest: of the token by which it changes its registration.
        document: what it said of itself that has no column, a JSON object.
    """

    client: ClientRecord
    digest: bytes
    document: str


_REGISTRATION = Shape(
    RegistrationRecord,
    nested={"client": Shape(ClientRecord, clients, prefix="client_")},
    digest=clients.c.registration_digest,
    document=clients.c.document,
)
_THIS = (clients.c.tenant_id == TENANT_ID, clients.c.client_id == bindparam("client_id", type_=Text))
_FOUND = select(*_REGISTRATION.columns).where(
    *_THIS,
    clients.c.deleted_at.is_(None),
    clients.c.provenance == literal_column(f"'{REGISTERED}'", Text),
    clients.c.registration_digest.is_not(None),
)
_FIND = Statement(_FOUND, _REGISTRATION)
_FIND_TO_CHANGE = Statement(_FOUND.with_for_update(key_share=True, of=clients), _REGISTRATION)
_BEGIN = plain(
    update(clients)
    .where(*_THIS)
    .values(
        registration_digest=bindparam("digest", type_=LargeBinary),
        document=bindparam("text", type_=Text),
        sweep_at=NOW + bindparam("kept_seconds", type_=BigInteger),
    )
)


def find(tx: Transaction, tenant_id: int, client_id: str) -> RegistrationRecord | None:
    """Find a client that registered itself and is not deleted."""
    return tx.first(_FIND, tenant_id=tenant_id, client_id=client_id)


def find_to_change(tx: Transaction, tenant_id: int, client_id: str) -> RegistrationRecord | None:
    """Find the same, and let nobody else change it before this transaction has."""
    return tx.first(_FIND_TO_CHANGE, tenant_id=tenant_id, client_id=client_id)


def begin(
    tx: Transaction, tenant_id: int, client_id: str, *, digest: bytes, document: str, kept_seconds: int
) -> None:
    """Give a client that was just made what only one has that registered itself.

    Args:
        digest: of the token by which it changes its registration.
        document: what it said of itself that has no column.
        kept_seconds: how long it is kept without a grant.
    """
    values = {"digest": digest, "text": document, "kept_seconds": kept_seconds}
    tx.rows(_BEGIN, tenant_id=tenant_id, client_id=client_id, **values)
