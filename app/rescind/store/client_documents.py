"""Statements on `clients` whose id is the URL of the document that describes them."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, and_, bindparam, func, select, update

from rescind.store import naming
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients

_THIS = and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == bindparam("client_id", type_=Text))
_LIVE = and_(_THIS, clients.c.deleted_at.is_(None))
_SECONDS = bindparam("seconds", type_=BigInteger)


@dataclass(frozen=True, slots=True)
class Before:
    """What there is of a client id already.

    Attributes:
        ended_at: when all of it was ended last.
    """

    ended_at: int | None
    is_deleted: bool


_BEFORE = Shape(Before, ended_at=clients.c.epoch_at, is_deleted=clients.c.deleted_at.is_not(None))
_FIND_BEFORE = Statement(
    select(*_BEFORE.columns).where(_THIS).with_for_update(key_share=True, of=clients), _BEFORE
)
_OF_HOST = (
    select(clients.c.client_id)
    .where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id >= bindparam("first", type_=Text),
        clients.c.client_id < bindparam("end", type_=Text),
        clients.c.deleted_at.is_(None),
    )
    .limit(bindparam("most", type_=BigInteger))
    .subquery("of_host")
)
_COUNT_OF_HOST = plain(select(func.count()).select_from(_OF_HOST))
_DESCRIBE = plain(
    update(clients)
    .where(_LIVE)
    .values(document=bindparam("text", type_=Text), document_expires_at=NOW + _SECONDS)
)
_SWEEP = plain(update(clients).where(_LIVE).values(sweep_at=NOW + _SECONDS))


def find_before(tx: Transaction, tenant_id: int, client_id: str) -> Before | None:
    """Find what there is of a client id, and keep others from making it until the end of the transaction."""
    naming.take(tx, tenant_id, client_id)
    return tx.first(_FIND_BEFORE, tenant_id=tenant_id, client_id=client_id)


def is_full(tx: Transaction, tenant_id: int, host: str, *, most: int) -> bool:
    """Tell whether as many clients of a host are there, whatever its port.

    The ids have to be compared by bytes; see `collating`.
    """
    count = 0
    # Behind the host stands one of these; what comes next in ASCII is behind all ids that begin so.
    for separator, following in (("/", "0"), (":", ";")):
        first, end = f"https://{host}{separator}", f"https://{host}{following}"
        count += tx.value(_COUNT_OF_HOST, tenant_id=tenant_id, first=first, end=end, most=most)
    return count >= most


def describe(tx: Transaction, tenant_id: int, client_id: str, text: str, *, seconds: int) -> None:
    """Write down the document of a client, and for how long it is good."""
    tx.rows(_DESCRIBE, tenant_id=tenant_id, client_id=client_id, text=text, seconds=seconds)


def sweep_after(tx: Transaction, tenant_id: int, client_id: str, *, seconds: int) -> None:
    """Have it looked at whether anybody has the client still, from then on."""
    tx.rows(_SWEEP, tenant_id=tenant_id, client_id=client_id, seconds=seconds)
