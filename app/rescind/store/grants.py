"""Statements on `grants`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select

from rescind.store.activity import GRANT_JOINED, TENANT_ID, grant_active, grant_ended, grant_expired
from rescind.store.columns import is_if_given
from rescind.store.engine import Transaction
from rescind.store.records import ConnectedClient, GrantRecord, NewGrant
from rescind.store.tables import clients, grants, tokens

COLUMNS = (
    grants.c.id,
    grants.c.client_id,
    grants.c.subject,
    grants.c.session_sid,
    grants.c.offline_session_sid,
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
        or_(
            is_if_given(grants.c.session_sid),
            grants.c.offline_session_sid == bindparam("offline_session_sid"),
        ),
    )
)
_LIVE_OF_SUBJECT = and_(
    grants.c.tenant_id == TENANT_ID, grants.c.subject == bindparam("subject"), grant_active
)
_LIVE_AT_CLIENT = and_(_LIVE_OF_SUBJECT, grants.c.client_id == bindparam("client_id"))
_SCOPES_AT_CLIENT = select(grants.c.scope).select_from(GRANT_JOINED).where(_LIVE_AT_CLIENT).distinct()
_IDS_AT_CLIENT = (
    select(grants.c.id)
    .select_from(GRANT_JOINED)
    .where(_LIVE_AT_CLIENT)
    .order_by(grants.c.id)
    .limit(bindparam("limit"))
)
_CONNECTED = (
    select(grants.c.client_id, clients.c.name, func.min(grants.c.created_at), func.max(tokens.c.issued_at))
    .select_from(
        GRANT_JOINED.outerjoin(
            tokens, and_(tokens.c.tenant_id == TENANT_ID, tokens.c.grant_id == grants.c.id)
        )
    )
    .where(_LIVE_OF_SUBJECT)
    .group_by(grants.c.client_id, clients.c.name)
    .order_by(grants.c.client_id)
)
_SCOPES = (
    select(grants.c.client_id, grants.c.scope)
    .select_from(GRANT_JOINED)
    .where(_LIVE_OF_SUBJECT)
    .distinct()
    .order_by(grants.c.client_id, grants.c.scope)
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
    offline_session_sid: str | None = None,
) -> int:
    """Count the active grants of a tenant, or of a part of it.

    Args:
        offline_session_sid: beside those of a session also what was given `offline_access` in it.
    """
    values = {
        "subject": subject,
        "client_id": client_id,
        "session_sid": session_sid,
        "offline_session_sid": offline_session_sid,
    }
    return int(tx.execute(_COUNT_ACTIVE, {"tenant_id": tenant_id, "now": now, **values}).scalar_one())


def live_scopes(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, now: int
) -> list[tuple[str, ...]]:
    """List the scopes of the live grants that a subject has given a client, each once."""
    values = {"tenant_id": tenant_id, "subject": subject, "client_id": client_id, "now": now}
    return [scope for (scope,) in tx.execute(_SCOPES_AT_CLIENT, values)]


def live_ids(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, limit: int, now: int
) -> list[str]:
    """List live grants that a subject has given a client, `limit` of them at most."""
    values = {"tenant_id": tenant_id, "subject": subject, "client_id": client_id, "now": now}
    return [grant_id for (grant_id,) in tx.execute(_IDS_AT_CLIENT, {**values, "limit": limit})]


def connected(tx: Transaction, tenant_id: int, subject: str, *, now: int) -> list[ConnectedClient]:
    """List the clients to which a subject has live grants, by id."""
    values = {"tenant_id": tenant_id, "subject": subject, "now": now}
    words: dict[str, dict[str, None]] = {}
    for client_id, scope in tx.execute(_SCOPES, values):
        words.setdefault(client_id, {}).update(dict.fromkeys(scope))
    return [
        ConnectedClient(client_id, name, tuple(words.get(client_id, ())), given_at, issued_at)
        for client_id, name, given_at, issued_at in tx.execute(_CONNECTED, values)
    ]
