"""Statements on `grants`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from rescind.store.activity import GRANT_JOINED, TENANT_ID, grant_active, grant_ended, grant_expired
from rescind.store.columns import is_if_given
from rescind.store.engine import Transaction
from rescind.store.records import GrantRecord, NewGrant
from rescind.store.tables import grants

COLUMNS = (
    grants.c.id,
    grants.c.client_id,
    grants.c.subject,
    grants.c.session_sid,
    grants.c.auth_time,
    grants.c.scope,
    grants.c.created_at,
    grants.c.expires_at,
    grant_ended.label("grant_is_ended"),
    grant_expired.label("grant_is_expired"),
)

_BASE = select(*COLUMNS).select_from(GRANT_JOINED).where(grants.c.tenant_id == TENANT_ID)
_FIND = _BASE.where(grants.c.id == bindparam("grant_id"))
_LIST = (
    _BASE.where(
        is_if_given(grants.c.subject),
        is_if_given(grants.c.client_id),
        grants.c.id > bindparam("after"),
    )
    .order_by(grants.c.id)
    .limit(bindparam("limit"))
)
_COUNT_ACTIVE = (
    select(func.count())
    .select_from(GRANT_JOINED)
    .where(
        grants.c.tenant_id == TENANT_ID,
        grant_active,
        is_if_given(grants.c.subject),
        is_if_given(grants.c.client_id),
        is_if_given(grants.c.session_sid),
    )
)


def add(tx: Transaction, tenant_id: int, new: Sequence[NewGrant]) -> None:
    """Write grants."""
    tx.execute(insert(grants), [{"tenant_id": tenant_id, **asdict(grant)} for grant in new])


def find(tx: Transaction, tenant_id: int, grant_id: str, *, now: int) -> GrantRecord | None:
    """Find a grant, active or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "grant_id": grant_id, "now": now}).one_or_none()
    return None if row is None else GrantRecord(*row)


def list_some(
    tx: Transaction,
    tenant_id: int,
    *,
    subject: str | None,
    client_id: str | None,
    after: str,
    limit: int,
    now: int,
) -> list[GrantRecord]:
    """List grants in the order in which they were made, `limit` of them, from behind the id `after` on."""
    values: dict[str, Any] = {"tenant_id": tenant_id, "subject": subject, "client_id": client_id}
    return [
        GrantRecord(*row) for row in tx.execute(_LIST, {**values, "after": after, "limit": limit, "now": now})
    ]


def count_active(
    tx: Transaction,
    tenant_id: int,
    *,
    now: int,
    subject: str | None = None,
    client_id: str | None = None,
    session_sid: str | None = None,
) -> int:
    """Count the active grants of a tenant, or of a part of it."""
    values = {"subject": subject, "client_id": client_id, "session_sid": session_sid}
    return int(tx.execute(_COUNT_ACTIVE, {"tenant_id": tenant_id, "now": now, **values}).scalar_one())
