"""Statements on `used_assertions`."""

from sqlalchemy import BigInteger, bindparam

from rescind.store.engine import Store
from rescind.store.tables import used_assertions
from rescind.store.writes import Write, inserting, spelled

_KEPT_UNTIL = bindparam("kept_until", type_=BigInteger)
_USE: Write[tuple[str]] = Write(
    spelled(
        lambda insert: (
            inserting(
                used_assertions,
                columns=["client_id", "jti", "expires_at"],
                insert=insert,
                purge_at=_KEPT_UNTIL,
            )
            .on_conflict_do_nothing()
            .returning(used_assertions.c.jti)
        )
    )
)


def use(store: Store, tenant_id: int, client_id: str, jti: str, *, expires_at: int, kept_until: int) -> bool:
    """Remember an assertion's id, and commit.

    Args:
        expires_at: from when on it is refused by its time.
        kept_until: so long, and longer, it is remembered.

    Returns:
        Whether it was not used before. Of two at once just one is told so.

    Raises:
        StoreUnavailable: not known whether it is used.
    """
    values = {"client_id": client_id, "jti": jti, "expires_at": expires_at, "kept_until": kept_until}
    return store.write(_USE, tenant_id=tenant_id, **values) is not None
