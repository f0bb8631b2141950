"""How a refresh token is used: by one conditional update, and what follows from it.

It is replaced, or stays what it is and gives an access token.

A token that has a row is decided by its row, one that has none by its grant; never by both. So workers of the
version before, which know rows alone, and those of this one agree on every token.
"""

from sqlalchemy import ColumnElement, LargeBinary, and_, bindparam, update

from rescind.store import granting
from rescind.store.activity import DIGEST, TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewTokens
from rescind.store.engine import Store
from rescind.store.granting import GENERATION, GRANT_ID, REFRESH_DIGEST
from rescind.store.records import TokenRecord
from rescind.store.tables import grants, tokens
from rescind.store.writes import Write

_SALT = bindparam("new_salt", type_=LargeBinary)
_NEW = {
    "generation": GENERATION,
    "refresh_digest": REFRESH_DIGEST,
    "previous_digest": DIGEST,
    "rotated_at": NOW,
    "salt": _SALT,
}
_THIS_GRANT = and_(grants.c.tenant_id == TENANT_ID, grants.c.id == GRANT_ID)
_GRANT_LEFT = (grants.c.expires_at - NOW).label("left_seconds")
_ROW_LEFT = (tokens.c.expires_at - NOW).label("left_seconds")
_OF_GRANT = update(grants).where(
    _THIS_GRANT,
    grants.c.refresh_digest == DIGEST,
    grants.c.revoked_at.is_(None),
    grants.c.expires_at > NOW,
    granting.OF_ENABLED_CLIENT,
)
_OF_ROW = update(tokens).where(
    tokens.c.tenant_id == TENANT_ID,
    tokens.c.digest == DIGEST,
    tokens.c.rotated_at.is_(None),
    tokens.c.revoked_at.is_(None),
    tokens.c.expires_at > NOW,
    granting.OF_ENABLED_CLIENT,
)
_BY_GRANT = _OF_GRANT.values(_NEW).returning(_GRANT_LEFT)
_BY_ROW = _OF_ROW.values(rotated_at=NOW, salt=_SALT).returning(_ROW_LEFT)


def _told_to_grant(condition: ColumnElement[bool], insert: object) -> object:
    return update(grants).where(condition, _THIS_GRANT).values(_NEW)


_WITHOUT_ROW = granting.tokens_of(is_rotation=True, has_row=False)
_ROTATE_BY_GRANT: Write[tuple[int]] = Write(_BY_GRANT, *_WITHOUT_ROW)
_ROTATE_ROW_AWAY: Write[tuple[int]] = Write(_BY_ROW, _told_to_grant, *_WITHOUT_ROW)
_ROTATE_BY_ROW: Write[tuple[int]] = Write(_BY_ROW, *granting.tokens_of(is_rotation=True, has_row=True))
# By whether the refresh token has a row; that changes nothing then, and decides all the same.
_RENEW: dict[bool, Write[tuple[int]]] = {
    False: Write(_OF_GRANT.values(renewed_at=NOW).returning(_GRANT_LEFT), *_WITHOUT_ROW),
    True: Write(_OF_ROW.values(rotated_at=None).returning(_ROW_LEFT), *_WITHOUT_ROW),
}


def rotate(store: Store, tenant_id: int, token: TokenRecord, new: NewTokens, *, salt: bytes) -> int | None:
    """Replace a refresh token unless it is so already, write its successors, and commit.

    Args:
        new: its refresh token has a row if it has no number.

    Returns:
        For how many seconds the grant goes on; None where another was faster, it has ended meanwhile, or
        its client was disabled. Of two at once just one does it.

    Raises:
        StoreUnavailable: not known whether it was replaced.
    """
    with_number = _ROTATE_ROW_AWAY if token.has_row else _ROTATE_BY_GRANT
    write = _ROTATE_BY_ROW if new.has_row else with_number
    return _done(store, write, tenant_id, token, new, new_salt=salt)


def renew(store: Store, tenant_id: int, token: TokenRecord, new: NewTokens) -> int | None:
    """Write an access token of a refresh token that stays what it is, and commit.

    Returns:
        As `rotate`; None where the refresh token was replaced meanwhile, or its grant has ended.

    Raises:
        StoreUnavailable: the access token is not known to exist.
    """
    return _done(store, _RENEW[token.has_row], tenant_id, token, new)


def _done(
    store: Store, write: Write[tuple[int]], tenant_id: int, token: TokenRecord, new: NewTokens, **more: bytes
) -> int | None:
    grant = token.grant
    row = store.write(
        write,
        tenant_id=tenant_id,
        digest=token.digest,
        grant_id=grant.id,
        grant_client_id=grant.client_id,
        grant_scope=grant.scope,
        grant_expires_at=grant.expires_at,
        access_digest=new.digest,
        access_scope=new.scope,
        access_audience=new.audience,
        access_lifetime_seconds=new.lifetime_seconds,
        new_refresh_digest=new.refresh_digest,
        new_generation=new.generation,
        **more,
    )
    return None if row is None else row[0]
