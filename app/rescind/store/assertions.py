"""Statements on `used_assertions`."""

from rescind.store.dialects import PerDialect
from rescind.store.engine import Transaction
from rescind.store.tables import used_assertions

_USE = PerDialect(
    used_assertions, lambda insert: insert.on_conflict_do_nothing().returning(used_assertions.c.jti)
)


def use(tx: Transaction, tenant_id: int, client_id: str, jti: str, *, expires_at: int) -> bool:
    """Remember an assertion's id until it expires.

    Returns:
        Whether it was not used before. Of two at once just one is told so.
    """
    row = {"tenant_id": tenant_id, "client_id": client_id, "jti": jti, "expires_at": expires_at}
    return tx.execute(_USE.on(tx), row).one_or_none() is not None
