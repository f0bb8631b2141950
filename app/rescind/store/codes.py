"""Statements on `authorization_codes`."""

from sqlalchemy import BigInteger, Text, and_, bindparam, or_, select, update

from rescind.store import redeeming, sweeping
from rescind.store.activity import (
    CODE_JOINED,
    DIGEST,
    TENANT_ID,
    code_ended,
    code_expired,
    suspended,
)
from rescind.store.clock import NOW
from rescind.store.drafts import NewCode, NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.records import CodeRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import sessions
from rescind.store.writes import Write, inserting

# Present, where a join brings it along.
CODE = Shape(
    CodeRecord,
    codes,
    prefix="code_",
    present="digest",
    session_left_seconds=sessions.c.expires_at - NOW,
    is_ended=code_ended,
    is_expired=code_expired,
    is_suspended=suspended,
)
_FIND = Statement(
    select(*CODE.columns)
    .select_from(CODE_JOINED)
    .where(codes.c.tenant_id == TENANT_ID, codes.c.digest == DIGEST),
    CODE,
)
_EXPIRES_AT = NOW + bindparam("lifetime_seconds", type_=BigInteger)
_ADD: Write[tuple[bytes]] = Write(
    inserting(
        codes,
        columns=[
            *("digest", "grant_id", "client_id", "subject", "session_sid", "scope", "audience"),
            *(
                "redirect_uri",
                "code_challenge",
                "nonce",
                "auth_time",
                "tenant_epoch",
                "client_epoch",
                "subject_epoch",
            ),
        ],
        created_at=NOW,
        expires_at=_EXPIRES_AT,
        kept_until=_EXPIRES_AT,
        purge_at=_EXPIRES_AT + KEPT_SECONDS,
    ).returning(codes.c.digest),
    sweeping.keeping("client_id"),
)
_REDEEMED = (
    update(codes)
    .where(
        codes.c.tenant_id == TENANT_ID,
        codes.c.digest == DIGEST,
        codes.c.redeemed_at.is_(None),
        codes.c.expires_at > NOW,
    )
    .values(redeemed_at=NOW, kept_until=redeeming.GRANT_UNTIL, purge_at=redeeming.GRANT_UNTIL)
    .returning(codes.c.digest)
)
_REDEEM = redeeming.redeeming(_REDEEMED)
_LONGEST = bindparam("longest_seconds", type_=BigInteger)
_VOID = plain(
    update(codes)
    .where(
        codes.c.tenant_id == TENANT_ID,
        codes.c.subject == bindparam("of_subject", type_=Text),
        codes.c.client_id == bindparam("of_client", type_=Text),
        codes.c.redeemed_at.is_(None),
        # Those not redeemed are kept for a short time, the others for a month: the index finds these few.
        or_(
            and_(codes.c.purge_at > NOW + KEPT_SECONDS, codes.c.purge_at <= NOW + KEPT_SECONDS + _LONGEST),
            # Made by a worker of the version before, which does not know of `purge_at`.
            and_(
                codes.c.purge_at.is_(None),
                codes.c.kept_until > NOW,
                codes.c.kept_until <= NOW + _LONGEST,
            ),
        ),
    )
    .values(redeemed_at=NOW)
)


def add(store: Store, tenant_id: int, code: NewCode, *, client_kept_seconds: int) -> None:
    """Write a code, and commit.

    Args:
        client_kept_seconds: how much longer the client is kept, if it came by itself.
    """
    values = parameters(code) | {"client_kept_seconds": client_kept_seconds}
    store.write(_ADD, tenant_id=tenant_id, **values)


def find(tx: Transaction, tenant_id: int, digest: bytes) -> CodeRecord | None:
    """Find a code, redeemed or not."""
    return tx.first(_FIND, tenant_id=tenant_id, digest=digest)


def redeem(
    store: Store,
    tenant_id: int,
    code: CodeRecord,
    grant: NewGrant,
    tokens: NewTokens,
    *,
    client_kept_seconds: int,
) -> bool:
    """Redeem a code, and commit; see `redeeming`. Gives whether this call was the one that did it."""
    return redeeming.redeem(
        store, tenant_id, _REDEEM, code.digest, grant, tokens, client_kept_seconds=client_kept_seconds
    )


def void(tx: Transaction, tenant_id: int, subject: str, client_id: str, *, longest_seconds: int) -> None:
    """Use up, for nothing, every code about a subject that this client has not redeemed yet.

    Waits for a redemption that is under way, so that what follows in this transaction sees its grant.

    Args:
        longest_seconds: no code is good for longer.
    """
    values = {"of_subject": subject, "of_client": client_id, "longest_seconds": longest_seconds}
    tx.rows(_VOID, tenant_id=tenant_id, **values)
