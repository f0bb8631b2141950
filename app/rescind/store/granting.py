"""The writes by which grants and tokens come to be: each a statement of its own on PostgreSQL.

When something begins and ends is worked out in the statement, by the store's clock.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    select,
    update,
)

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.tables import clients, grants, session_clients, sessions, tokens
from rescind.store.writes import Consequence, inserting

# So much longer than it can matter a row is kept: for retries within the grace, and clocks that are apart.
KEPT_SECONDS = 3600

GRANT_ID = bindparam("grant_id", type_=Text)
# Of the refresh token that comes with it, or takes the place of the one that was shown. Its digest is the
# grant's or, while workers of the version before are left, that of a row.
GENERATION = bindparam("new_generation", type_=BigInteger)
# PostgreSQL asks for the type of a parameter that is NULL where it stands in a CASE.
REFRESH_DIGEST = cast(bindparam("new_refresh_digest", type_=LargeBinary), LargeBinary)

LIFETIME_SECONDS = bindparam("grant_lifetime_seconds", type_=BigInteger)
_EXPIRES_AT = NOW + LIFETIME_SECONDS
_KEPT_UNTIL = _EXPIRES_AT + KEPT_SECONDS
_ACCESS_SECONDS = bindparam("access_lifetime_seconds", type_=BigInteger)
_GRANT_EXPIRES_AT = bindparam("grant_expires_at", type_=BigInteger)
SUBJECT = bindparam("grant_subject", type_=Text)
# A client that was disabled since the request began gets nothing, and uses nothing up.
OF_ENABLED_CLIENT = exists(
    select(clients.c.client_id).where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id == bindparam("grant_client_id", type_=Text),
        clients.c.disabled_at.is_(None),
    )
)
OFFLINE_SID = bindparam("grant_offline_session_sid", type_=Text)
SID = func.coalesce(bindparam("grant_session_sid", type_=Text), OFFLINE_SID)


def later(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    """Give the later of two times; the second where the first is none."""
    return case((one > other, one), else_=other)


def grant(condition: ColumnElement[bool] | None, insert: Any) -> Any:
    """Insert the grant."""
    return inserting(
        grants,
        condition,
        columns=[
            *("id", "client_id", "subject", "session_sid", "offline_session_sid", "auth_time", "scope"),
            *("audience", "tenant_epoch", "client_epoch", "subject_epoch"),
        ],
        prefix="grant_",
        insert=insert,
        created_at=NOW,
        expires_at=_EXPIRES_AT,
        generation=GENERATION,
        refresh_digest=case((GENERATION.is_not(None), REFRESH_DIGEST)),
        purge_at=_KEPT_UNTIL,
    )


def _token(
    kind: str, expires_at: ColumnElement[int], prefix: str, *columns: str, **given: Any
) -> Consequence:
    return lambda condition, insert: inserting(
        tokens,
        condition & REFRESH_DIGEST.is_not(None) if kind == "refresh" else condition,
        columns=columns,
        prefix=prefix,
        insert=insert,
        kind=literal_column(f"'{kind}'", Text),
        grant_id=GRANT_ID,
        issued_at=NOW,
        expires_at=expires_at,
        purge_at=expires_at + KEPT_SECONDS,
        **given,
    )


def tokens_of(*, is_rotation: bool, has_row: bool) -> list[Consequence]:
    """Insert the tokens: the access token and, where it is to have one, the row of the refresh token.

    Args:
        is_rotation: of a grant that is there, which no token outlives.
        has_row: workers of the version before look for a row of each refresh token.
    """
    asked = NOW + _ACCESS_SECONDS
    expires_at = case((asked < _GRANT_EXPIRES_AT, asked), else_=_GRANT_EXPIRES_AT) if is_rotation else asked
    until = _GRANT_EXPIRES_AT if is_rotation else _EXPIRES_AT
    access = _token("access", expires_at, "access_", "digest", "scope", "audience")
    return (
        [access, _token("refresh", until, "grant_", "scope", digest=REFRESH_DIGEST)] if has_row else [access]
    )


def hears(condition: ColumnElement[bool], insert: Any) -> Any:
    """Remember that the client is to hear when the session or the subject ends, while there is something."""
    of_session = (
        select(sessions.c.purge_at)
        .where(sessions.c.tenant_id == TENANT_ID, sessions.c.sid == SID)
        .scalar_subquery()
    )
    statement = inserting(
        session_clients,
        condition,
        columns=[],
        insert=insert,
        session_sid=func.coalesce(SID, literal_column("''", Text)),
        client_id=bindparam("grant_client_id", type_=Text),
        subject=SUBJECT,
        purge_at=later(of_session, _KEPT_UNTIL),
    )
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "session_sid", "client_id", "subject"],
        set_={"purge_at": later(session_clients.c.purge_at, statement.excluded.purge_at)},
    )


def outlived(condition: ColumnElement[bool], insert: Any) -> Any:
    """Keep the session for as long as the grant that outlives it: its end may take that along."""
    return (
        update(sessions)
        .where(
            condition,
            sessions.c.tenant_id == TENANT_ID,
            sessions.c.sid == OFFLINE_SID,
            sessions.c.purge_at < _KEPT_UNTIL,
        )
        .values(purge_at=_KEPT_UNTIL)
    )
