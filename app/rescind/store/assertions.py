"""Statements on `used_assertions`."""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from rescind.store.engine import Transaction
from rescind.store.tables import used_assertions


def use(tx: Transaction, tenant_id: int, client_id: str, jti: str, *, expires_at: int) -> bool:
    """Remember an assertion's id until it expires.

    Returns:
        Whether it was not used before. Of two at once just one is told so. When it was, the transaction can
        only be rolled back.
    """
    row = {"tenant_id": tenant_id, "client_id": client_id, "jti": jti, "expires_at": expires_at}
    try:
        tx.execute(insert(used_assertions), row)
    except IntegrityError:
        return False
    return True
