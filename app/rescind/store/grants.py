"""Statements on `grants`: how they are found, listed, and made."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, bindparam, func, not_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from rescind.errors import ClientDisabled
from rescind.store import granting, sweeping
from rescind.store.activity import (
    GRANT_JOINED,
    TENANT_ID,
    grant_ended,
    grant_ends_at,
    grant_expired,
    grant_holds,
    suspended,
)
from rescind.store.clock import NOW
from rescind.store.columns import is_if_given
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.records import ConnectedClient, GrantRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, grants
from rescind.store.writes import Write

GRANT = Shape(
    GrantRecord,
    grants,
    prefix="grant_",
    left_seconds=grant_ends_at - NOW,
    is_ended=grant_ended,
    is_expired=grant_expired,
    is_suspended=suspended,
)

_BASE = select(*GRANT.columns).select_from(GRANT_JOINED).where(grants.c.tenant_id == TENANT_ID)
_FIND = Statement(_BASE.where(grants.c.id == granting.GRANT_ID), GRANT)
_LIST = Statement(
    _BASE.where(
        is_if_given(grants.c.subject),
        is_if_given(grants.c.client_id),
        grants.c.id > bindparam("after", type_=Text),
    )
    .order_by(grants.c.id)
    .limit(bindparam("most", type_=BigInteger)),
    GRANT,
    is_prepared=False,
)
_COUNT = plain(
    select(func.count()).select_from(
        select(grants.c.id)
        .select_from(GRANT_JOINED)
        .where(
            grants.c.tenant_id == TENANT_ID,
            grant_holds,
            *(
                is_if_given(column)
                for column in (
                    *(grants.c.subject, grants.c.client_id, grants.c.session_sid),
                    grants.c.offline_session_sid,
                )
            ),
        )
        .limit(bindparam("most", type_=BigInteger))
        .subquery()
    ),
    is_prepared=False,
)
_OF_SUBJECT = and_(grants.c.tenant_id == TENANT_ID, grants.c.subject == bindparam("subject", type_=Text))
_AT_CLIENT = and_(_OF_SUBJECT, grants.c.client_id == bindparam("client_id", type_=Text))
# What an operator has issued about somebody was given in no session of theirs.
_IS_CONSENT = or_(grants.c.session_sid.is_not(None), grants.c.offline_session_sid.is_not(None))
_NEWEST = (
    select(
        *(clients.c.name, grants.c.scope, grants.c.audience, grants.c.created_at),
        granting.later(grants.c.renewed_at, func.coalesce(grants.c.rotated_at, grants.c.created_at)).label(
            "issued_at"
        ),
        _IS_CONSENT.label("is_consent"),
    )
    .select_from(GRANT_JOINED)
    .where(_AT_CLIENT, grant_holds)
    .order_by(grants.c.id.desc())
    .limit(bindparam("most", type_=BigInteger))
    .subquery()
)
_CONSENTED = plain(select(_NEWEST.c.scope, _NEWEST.c.audience).where(_NEWEST.c.is_consent).distinct())
# Expired or not: a session that is renewed at this moment would bring back what has expired.
_IDS_AT_CLIENT = plain(
    select(grants.c.id)
    .select_from(GRANT_JOINED)
    .where(_AT_CLIENT, not_(grant_ended), grants.c.id > bindparam("after", type_=Text))
    .order_by(grants.c.id)
    .limit(bindparam("most", type_=BigInteger))
)


def _each_client() -> Select[tuple[str]]:
    """Go from client to client of a subject, by the index, not through all of its grants."""
    first = select(func.min(grants.c.client_id).label("client_id")).where(_OF_SUBJECT)
    found = first.cte("found", recursive=True)
    following = first.where(grants.c.client_id > found.c.client_id).correlate(found).scalar_subquery()
    every = found.union_all(select(following).where(found.c.client_id.is_not(None)))
    return select(every.c.client_id).where(every.c.client_id.is_not(None)).order_by(every.c.client_id)


_CLIENTS = plain(_each_client())
_CONNECTED = plain(
    select(
        *(_NEWEST.c.name, _NEWEST.c.scope, func.count()),
        *(func.min(_NEWEST.c.created_at), func.max(_NEWEST.c.issued_at)),
    )
    .group_by(_NEWEST.c.name, _NEWEST.c.scope)
    .order_by(_NEWEST.c.scope)
)
_FIRST_GIVEN_AT = plain(
    select(grants.c.created_at)
    .select_from(GRANT_JOINED)
    .where(_AT_CLIENT, grant_holds)
    .order_by(grants.c.id)
    .limit(1)
)
_CLIENT_STAYS = sweeping.is_not_swept("grant_client_id")


def _issuing(*, is_about_somebody: bool, has_row: bool) -> Write[tuple[str]]:
    first = {
        dialect: granting.grant(granting.OF_ENABLED_CLIENT & _CLIENT_STAYS, module.insert).returning(
            grants.c.id
        )
        for dialect, module in (("postgresql", postgresql), ("sqlite", sqlite))
    }
    told = [granting.hears] if is_about_somebody else []
    kept = sweeping.keeping("grant_client_id", granting.LIFETIME_SECONDS)
    return Write(first, *granting.tokens_of(is_rotation=False, has_row=has_row), *told, kept)


_ISSUE = {
    (is_about_somebody, has_row): _issuing(is_about_somebody=is_about_somebody, has_row=has_row)
    for is_about_somebody in (False, True)
    for has_row in (False, True)
}


def issue(
    store: Store,
    tenant_id: int,
    new: Sequence[tuple[NewGrant, NewTokens]],
    *,
    client_kept_seconds: int,
) -> None:
    """Write grants with their first tokens, and commit: all of them, or none.

    Args:
        client_kept_seconds: how much longer the client is kept, if it came by itself.

    Raises:
        ClientDisabled: the client was disabled or swept since it was read; none of them is there.
        StoreUnavailable: none of them is known to be there.
    """

    def write_all(tx: Transaction) -> None:
        for each in new:
            _check(write_one(tx, tenant_id, *each, client_kept_seconds=client_kept_seconds))

    if len(new) != 1:
        return store.transact(write_all)
    ((grant, tokens),) = new
    values = values_of(grant, tokens) | {"client_kept_seconds": client_kept_seconds}
    _check(store.write(_write_for(grant, tokens), tenant_id=tenant_id, **values))


def write_one(
    tx: Transaction, tenant_id: int, grant: NewGrant, tokens: NewTokens, *, client_kept_seconds: int
) -> object | None:
    """Write a grant with its first tokens; None where its client was disabled or swept at this moment."""
    values = values_of(grant, tokens) | {"client_kept_seconds": client_kept_seconds}
    return tx.write(_write_for(grant, tokens), tenant_id=tenant_id, **values)


def _check(written: object | None) -> None:
    if written is None:
        raise ClientDisabled


def _write_for(grant: NewGrant, tokens: NewTokens) -> Write[tuple[str]]:
    return _ISSUE[grant.subject is not None, tokens.has_row]


def values_of(grant: NewGrant, tokens: NewTokens) -> dict[str, Any]:
    """Give the parameters of a write that grants; see `granting`."""
    return {
        **parameters(grant, "grant_"),
        "access_digest": tokens.digest,
        "access_scope": tokens.scope,
        "access_audience": tokens.audience,
        "access_lifetime_seconds": tokens.lifetime_seconds,
        "new_refresh_digest": tokens.refresh_digest,
        "new_generation": tokens.generation,
    }


def find(tx: Transaction, tenant_id: int, grant_id: str) -> GrantRecord | None:
    """Find a grant, active or not."""
    return tx.first(_FIND, tenant_id=tenant_id, grant_id=grant_id)


def list_some(
    tx: Transaction, tenant_id: int, *, subject: str | None, client_id: str | None, after: str, limit: int
) -> list[GrantRecord]:
    """List grants in the order in which they were made, `limit` of them, from behind the id `after` on."""
    return tx.rows(_LIST, tenant_id=tenant_id, subject=subject, client_id=client_id, after=after, most=limit)


def count_holding(
    tx: Transaction,
    tenant_id: int,
    *,
    subject: str | None = None,
    client_id: str | None = None,
    session_sid: str | None = None,
    offline_session_sid: str | None = None,
    limit: int,
) -> int:
    """Count the grants of a tenant, or of a part of it, that hold, up to a limit.

    Args:
        offline_session_sid: only what was given `offline_access` in this session.
    """
    return int(
        tx.value(
            _COUNT,
            tenant_id=tenant_id,
            subject=subject,
            client_id=client_id,
            session_sid=session_sid,
            offline_session_sid=offline_session_sid,
            most=limit,
        )
    )


def consented(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, limit: int
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """List scope and audience of the live grants that a subject itself has given a client.

    Args:
        limit: no more of them are looked at, the newest.
    """
    values = {"subject": subject, "client_id": client_id, "most": limit}
    return [(scope, audience) for scope, audience in tx.rows(_CONSENTED, tenant_id=tenant_id, **values)]


def unended_ids(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, after: str, limit: int
) -> list[str]:
    """List what a subject has given a client and nobody has ended, `limit` at most, from behind an id on."""
    values = {"subject": subject, "client_id": client_id, "after": after, "most": limit}
    found = tx.rows(_IDS_AT_CLIENT, tenant_id=tenant_id, **values)
    return [grant_id for (grant_id,) in found]


def connected(tx: Transaction, tenant_id: int, subject: str, *, limit: int) -> list[ConnectedClient]:
    """List the clients to which a subject has live grants, by id.

    Args:
        limit: of each client no more grants are looked at, the newest.
    """
    found = tx.rows(_CLIENTS, tenant_id=tenant_id, subject=subject)
    each = [_connected(tx, tenant_id, subject, client_id, limit) for (client_id,) in found]
    return [client for client in each if client is not None]


def _connected(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, limit: int
) -> ConnectedClient | None:
    of_client: dict[str, Any] = {"tenant_id": tenant_id, "subject": subject, "client_id": client_id}
    rows = tx.rows(_CONNECTED, **of_client, most=limit)
    if not rows:
        return None
    names, scopes, counts, given, issued = zip(*rows, strict=True)
    given_at = min(given)
    if sum(counts) == limit:
        # There may be older ones.
        given_at = min(given_at, tx.value(_FIRST_GIVEN_AT, **of_client) or given_at)
    words = dict.fromkeys(word for scope in scopes for word in scope)
    return ConnectedClient(client_id, names[0], tuple(words), given_at, max(issued))
