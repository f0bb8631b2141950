"""Statements on `duties`: what one of all workers does at a time, for as long as it says so again and again.

A lock of a session would not do: behind a pooler a session is nobody's, and SQLite has none. What is taken
for a time ends by the store's clock, also where its worker was killed or has lost its connection.
"""

from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, delete, or_

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Store
from rescind.store.tables import duties
from rescind.store.writes import Write, inserting, spelled

# What is of no tenant in particular stands under this one, which there is not.
NO_TENANT = 0

_DUTY, _WORKER = bindparam("duty", type_=Text), bindparam("worker", type_=Text)


def _insert_or_take_over(insert: Any) -> Any:
    statement = inserting(
        duties,
        columns=["duty", "worker"],
        insert=insert,
        ends_at=NOW + bindparam("seconds", type_=BigInteger),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[duties.c.tenant_id, duties.c.duty],
        set_={"worker": new.worker, "ends_at": new.ends_at},
        where=or_(duties.c.ends_at <= NOW, duties.c.worker == new.worker),
    ).returning(duties.c.worker)


_TAKE: Write[tuple[str]] = Write(spelled(_insert_or_take_over))
_GIVE_UP: Write[tuple[str]] = Write(
    delete(duties)
    .where(duties.c.tenant_id == TENANT_ID, duties.c.duty == _DUTY, duties.c.worker == _WORKER)
    .returning(duties.c.worker)
)


def take(store: Store, duty: str, worker: str, *, seconds: int) -> bool:
    """Take a duty, or go on with it, for so long from now on, and commit.

    Returns:
        Whether this worker has it. Of two at once just one has.

    Raises:
        StoreUnavailable: not known who has it.
    """
    values = {"duty": duty, "worker": worker, "seconds": seconds}
    return store.write(_TAKE, tenant_id=NO_TENANT, **values) is not None


def give_up(store: Store, duty: str, worker: str) -> None:
    """Let another take the duty at once, and commit. What is another's by now stays that.

    Raises:
        StoreUnavailable: it may end by its time only.
    """
    store.write(_GIVE_UP, tenant_id=NO_TENANT, duty=duty, worker=worker)
