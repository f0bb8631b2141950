"""Statements on `scope_texts`."""

from sqlalchemy import Integer, Text, bindparam, delete, func, select

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.statements import plain
from rescind.store.tables import scope_texts
from rescind.store.writes import inserting, spelled

# More are not set, so that a page may read them all.
MOST = 500

_SCOPE = bindparam("scope", type_=Text)
_LIST = plain(
    select(scope_texts.c.scope, scope_texts.c.text)
    .where(scope_texts.c.tenant_id == TENANT_ID)
    .order_by(scope_texts.c.scope)
    .limit(bindparam("most", type_=Integer))
)
_OTHERS = (
    select(func.count())
    .where(scope_texts.c.tenant_id == TENANT_ID, scope_texts.c.scope != _SCOPE)
    .scalar_subquery()
)
_SET = plain(
    spelled(
        lambda insert: (
            (made := inserting(scope_texts, _OTHERS < MOST, columns=["scope", "text"], insert=insert))
            .on_conflict_do_update(index_elements=["tenant_id", "scope"], set_={"text": made.excluded.text})
            .returning(scope_texts.c.scope)
        )
    )
)
_DELETE = plain(
    delete(scope_texts)
    .where(scope_texts.c.tenant_id == TENANT_ID, scope_texts.c.scope == _SCOPE)
    .returning(scope_texts.c.scope)
)


def list_all(tx: Transaction, tenant_id: int) -> list[tuple[str, str]]:
    """List the scope values that a tenant has sentences for, with these, by name."""
    return [(row[0], row[1]) for row in tx.rows(_LIST, tenant_id=tenant_id, most=MOST)]


def put(tx: Transaction, tenant_id: int, scope: str, text: str) -> bool:
    """Say what a scope value means. Gives whether there was room for it."""
    return tx.first(_SET, tenant_id=tenant_id, scope=scope, text=text) is not None


def delete_one(tx: Transaction, tenant_id: int, scope: str) -> bool:
    """Take a sentence away. Gives whether there was one."""
    return tx.first(_DELETE, tenant_id=tenant_id, scope=scope) is not None
