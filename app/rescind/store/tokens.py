"""Statements on `tokens`."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, insert, select, update

from rescind.store import grants as grant_rows
from rescind.store.activity import TENANT_ID, TOKEN_JOINED, token_ended, token_expired
from rescind.store.engine import Transaction
from rescind.store.records import GrantRecord, NewToken, TokenRecord
from rescind.store.tables import clients, grants, tokens

_COLUMNS = (
    tokens.c.digest,
    tokens.c.kind,
    tokens.c.scope,
    tokens.c.issued_at,
    tokens.c.expires_at,
    tokens.c.rotated_at,
    tokens.c.salt,
    (clients.c.revocation_scope == "token").label("ends_alone"),
    token_ended.label("token_is_ended"),
    token_expired.label("token_is_expired"),
)
_SPLIT = len(_COLUMNS)

_presented = tokens.alias("presented")
# Asked first, by itself: PostgreSQL keeps the plan that it made while the tables were empty, and a join
# planned then goes through all grants of the tenant.
_GRANT_ID = (
    select(_presented.c.grant_id)
    .where(_presented.c.tenant_id == TENANT_ID, _presented.c.digest == bindparam("digest"))
    .scalar_subquery()
)
_FIND = (
    select(*_COLUMNS, *grant_rows.COLUMNS)
    .select_from(TOKEN_JOINED)
    .where(
        grants.c.tenant_id == TENANT_ID,
        grants.c.id == _GRANT_ID,
        tokens.c.tenant_id == TENANT_ID,
        tokens.c.digest == bindparam("digest"),
    )
)
_ROTATE = (
    update(tokens)
    .where(
        # Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
        tokens.c.tenant_id == bindparam("of_tenant"),
        tokens.c.digest == bindparam("this"),
        tokens.c.rotated_at.is_(None),
        tokens.c.revoked_at.is_(None),
    )
    .values(rotated_at=bindparam("at"), salt=bindparam("new_salt"))
    .returning(tokens.c.digest)
)


def add(tx: Transaction, tenant_id: int, new: Sequence[NewToken]) -> None:
    """Write tokens."""
    tx.execute(insert(tokens), [{"tenant_id": tenant_id, **asdict(token)} for token in new])


def find(tx: Transaction, tenant_id: int, digest: bytes, *, now: int) -> TokenRecord | None:
    """Find a token of either kind with its grant, active or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "digest": digest, "now": now}).one_or_none()
    return None if row is None else TokenRecord(GrantRecord(*row[_SPLIT:]), *row[:_SPLIT])


def rotate(tx: Transaction, tenant_id: int, digest: bytes, *, at: int, salt: bytes) -> bool:
    """Mark a refresh token as replaced, unless it is so already.

    Returns:
        Whether this call was the one that did it. Of two at once just one is.
    """
    values = {"of_tenant": tenant_id, "this": digest, "at": at, "new_salt": salt}
    return tx.execute(_ROTATE, values).one_or_none() is not None
