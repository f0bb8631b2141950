"""Statements on `secret_keys`: which secret keys made what is stored, by their digests."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from rescind.store.activity import TENANT_ID
from rescind.store.duties import NO_TENANT
from rescind.store.engine import Store, Transaction
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, secret_keys, signing_keys
from rescind.store.writes import Write, inserting, spelled

# As many of a tenant's clients and signing keys tell by which secret key they were made.
SAMPLE = 100


@dataclass(frozen=True, slots=True)
class KeyDigests:
    """The digests of secret keys.

    Attributes:
        known: of those that servers of this store have.
        replaced: of those of before, which nothing needs any more.
    """

    known: tuple[str, ...]
    replaced: tuple[str, ...]


_ROW = Shape(KeyDigests, secret_keys)
_THIS = secret_keys.c.tenant_id == TENANT_ID
_FIND = Statement(select(*_ROW.columns).where(_THIS), _ROW)
_ADD: Write[KeyDigests] = Write(
    spelled(
        lambda insert: (
            inserting(secret_keys, columns=["known", "replaced"], insert=insert)
            .on_conflict_do_nothing()
            .returning(*_ROW.columns)
        )
    ),
    shape=_ROW,
)
# Of two changes at once the second has not seen the first, and looks again.
_CHANGE: Write[KeyDigests] = Write(
    update(secret_keys)
    .where(
        _THIS,
        secret_keys.c.known == bindparam("known_before", type_=secret_keys.c.known.type),
        secret_keys.c.replaced == bindparam("replaced_before", type_=secret_keys.c.replaced.type),
    )
    .values(
        known=bindparam("known", type_=secret_keys.c.known.type),
        replaced=bindparam("replaced", type_=secret_keys.c.replaced.type),
    )
    .returning(*_ROW.columns),
    shape=_ROW,
)
_SECRETS = plain(
    select(clients.c.secret_digest)
    .where(clients.c.tenant_id == TENANT_ID, clients.c.secret_digest.is_not(None))
    .limit(SAMPLE)
)
_ENCRYPTED = plain(
    select(signing_keys.c.private_key).where(signing_keys.c.tenant_id == TENANT_ID).limit(SAMPLE)
)
_FIRST_MADE_AT = [
    plain(select(func.min(table.c.created_at)).where(table.c.tenant_id == TENANT_ID))
    for table in (clients, signing_keys)
]


def find(store: Store) -> KeyDigests | None:
    """Read what the store knows; None where it was never told."""
    return store.read(_FIND, tenant_id=NO_TENANT)


def add(store: Store, digests: KeyDigests) -> bool:
    """Write the first that the store knows, and commit. Gives whether this call did it."""
    written = store.write(_ADD, tenant_id=NO_TENANT, known=digests.known, replaced=digests.replaced)
    return written is not None


def change(store: Store, before: KeyDigests, after: KeyDigests) -> bool:
    """Change what the store knows, where it is what was read, and commit. Gives whether this call did it."""
    values = {"known": after.known, "replaced": after.replaced}
    read = {"known_before": before.known, "replaced_before": before.replaced}
    return store.write(_CHANGE, tenant_id=NO_TENANT, **values, **read) is not None


def some_made(tx: Transaction, tenant_id: int) -> tuple[list[bytes], list[bytes]]:
    """Give digests of secrets of a tenant's clients, and private parts of its signing keys."""
    secrets, encrypted = (tx.rows(each, tenant_id=tenant_id) for each in (_SECRETS, _ENCRYPTED))
    return [bytes(row[0]) for row in secrets], [bytes(row[0]) for row in encrypted]


def first_made_at(tx: Transaction, tenant_id: int) -> int | None:
    """Tell when the first client or signing key of a tenant was made; None where it has none."""
    made = [tx.value(each, tenant_id=tenant_id) for each in _FIRST_MADE_AT]
    return min((each for each in made if each is not None), default=None)
