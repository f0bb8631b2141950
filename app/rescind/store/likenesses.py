"""What a name looks like to people (Unicode Technical Standard 39): two that look alike are one to them.

It is kept of what an operator registered, and of what the server keeps for something, under the name that
people are shown. Who registers itself may not
take such a name, however it writes it.
"""

import functools
import unicodedata

from sqlalchemy import BigInteger, Text, and_, bindparam, case, literal_column, or_, select, update

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Store, Transaction
from rescind.store.statements import plain
from rescind.store.tables import clients
from rescind.store.unseen import without_unseen

_BATCH_CLIENTS = 1000
# Capital I is l to the eye, and is i when it is made small; so with the digits.
_ALIKE = str.maketrans({"i": "1", "l": "1", "|": "1", "o": "0"})

# Of `clients.provenance`, where the server itself keeps the client for something.
RESERVED = "reserved"
_IS_OURS = or_(clients.c.provenance.is_(None), clients.c.provenance == literal_column(f"'{RESERVED}'", Text))
_LIKENESS = bindparam("likeness", type_=Text)
_NAMED_SO = plain(
    select(clients.c.client_id)
    .where(clients.c.tenant_id == TENANT_ID, clients.c.likeness == _LIKENESS, clients.c.deleted_at.is_(None))
    .limit(literal_column("1"))
)
_OF_OPERATORS = plain(
    select(clients.c.client_id, clients.c.name)
    .where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id > bindparam("after", type_=Text),
        _IS_OURS,
    )
    .order_by(clients.c.client_id)
    .limit(bindparam("most", type_=BigInteger))
)
_SET = plain(
    update(clients)
    .where(
        and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == bindparam("client_id", type_=Text)),
        # What was changed meanwhile has its own; workers of the version before change a name alone.
        clients.c.name.is_not_distinct_from(bindparam("named", type_=Text)),
        clients.c.likeness.is_distinct_from(_LIKENESS),
    )
    .values(likeness=_LIKENESS)
)
# The column of a client that is changed: none that brought itself has one.
OF_OPERATORS = case((_IS_OURS, _LIKENESS))


def of(name: str | None, client_id: str, provenance: str | None) -> str | None:
    """Give the likeness of a client, by what people are shown of it; None of one that brought itself."""
    return likeness(name or client_id) if provenance in {None, RESERVED} else None


def likeness(name: str) -> str:
    """Give what a name looks like, in a form of its own; one of signs alone as it is."""
    seen = without_unseen(unicodedata.normalize("NFKD", name))
    decomposed = (each for each in seen if not unicodedata.combining(each))
    drawn = [(each, _prototype(each)) for each in decomposed]
    # Spaces and signs are nothing, but for those that look like a letter.
    kept = "".join(prototype for each, prototype in drawn if each.isalnum() or prototype.isalnum())
    # A capital looks like others than its small letter does.
    return "".join(map(_prototype, kept.casefold())).translate(_ALIKE) or seen


def is_taken(tx: Transaction, tenant_id: int, name: str) -> bool:
    """Tell whether a client that an operator registered has a name that looks like this one."""
    return tx.first(_NAMED_SO, tenant_id=tenant_id, likeness=likeness(name)) is not None


def fill_in(store: Store, tenant_id: int) -> int:
    """Note what the clients look like that the version before has registered. Gives how many there are.

    Raises:
        StoreUnavailable: what was noted stays, and the same call may be made again.
    """
    count, after = 0, ""
    while True:
        with store.reading() as tx:
            found = tx.rows(_OF_OPERATORS, tenant_id=tenant_id, after=after, most=_BATCH_CLIENTS)
        if not found:
            return count
        count, after = count + len(found), found[-1][0]
        drawn = [(client_id, name, likeness(name or client_id)) for client_id, name in found]
        store.transact(functools.partial(_set_all, tenant_id, drawn))


def _set_all(tenant_id: int, drawn: list[tuple[str, str | None, str]], tx: Transaction) -> None:
    for client_id, name, each in drawn:
        tx.rows(_SET, tenant_id=tenant_id, client_id=client_id, named=name, likeness=each)


def _prototype(character: str) -> str:
    """Give the same for all characters that look like this one."""
    # Read where it is needed: few do, and it is large.
    from confusable_homoglyphs.confusables import confusables_data

    alike = _alike(confusables_data, character)
    root = alike[0] if len(alike) == 1 else character
    return min({root, *_alike(confusables_data, root)}, key=lambda each: (-len(each), each))


def _alike(data: dict[str, list[dict[str, str]]], character: str) -> list[str]:
    # Some stand between marks of direction.
    return [each["c"].strip("\u200e") for each in data.get(character, ())]
