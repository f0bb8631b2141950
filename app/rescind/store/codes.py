"""Statements on `authorization_codes`."""

from sqlalchemy import BigInteger, Text, and_, bindparam, exists, not_, or_, select, update

from rescind.store import granting
from rescind.store.activity import (
    CODE_JOINED,
    DIGEST,
    MISSING_EPOCH,
    TENANT_ID,
    code_ended,
    code_expired,
    suspended,
)
from rescind.store.clock import NOW
from rescind.store.drafts import NewCode, NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.grants import values_of
from rescind.store.records import CodeRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import sessions, subjects
from rescind.store.writes import Write, inserting

# Present, where a join brings it along.
CODE = Shape(
    CodeRecord,
    codes,
    prefix="code_",
    present="digest",
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
            *("digest", "grant_id", "client_id", "subject", "session_sid", "scope", "redirect_uri"),
            *("code_challenge", "nonce", "auth_time", "tenant_epoch", "client_epoch", "subject_epoch"),
        ],
        created_at=NOW,
        expires_at=_EXPIRES_AT,
        kept_until=_EXPIRES_AT,
        purge_at=_EXPIRES_AT + KEPT_SECONDS,
    ).returning(codes.c.digest)
)
_GRANT_UNTIL = NOW + bindparam("grant_lifetime_seconds", type_=BigInteger) + KEPT_SECONDS
_REDEEMED = (
    update(codes)
    .where(
        codes.c.tenant_id == TENANT_ID,
        codes.c.digest == DIGEST,
        codes.c.redeemed_at.is_(None),
        codes.c.expires_at > NOW,
        granting.OF_ENABLED_CLIENT,
    )
    .values(redeemed_at=NOW, kept_until=_GRANT_UNTIL, purge_at=_GRANT_UNTIL)
    .returning(codes.c.digest)
)
# A code is redeemed under what still goes on, or not at all. An end that is under way is waited for, and then
# seen; one that comes later waits in turn, so that it tells the client and is acknowledged behind it.
_LIVE_SESSION = select(sessions.c.sid).where(
    sessions.c.tenant_id == TENANT_ID,
    sessions.c.sid == granting.SID,
    sessions.c.ended_at.is_(None),
    sessions.c.expires_at > NOW,
)
_SUBJECT_ROW = select(subjects.c.subject).where(
    subjects.c.tenant_id == TENANT_ID, subjects.c.subject == granting.SUBJECT
)
_SUBJECT_EPOCH = bindparam("grant_subject_epoch", type_=BigInteger)
_OF_LIVE_SUBJECT = or_(
    exists(_SUBJECT_ROW.where(subjects.c.epoch == _SUBJECT_EPOCH).with_for_update(read=True)),
    # Where workers of the version before are left, a subject of which nothing was ended may have no row.
    and_(MISSING_EPOCH == _SUBJECT_EPOCH, not_(exists(_SUBJECT_ROW))),
)
# Others may redeem in the session meanwhile; but not where the row is changed here too.
_IN_LIVE_SESSION = {
    outlives_session: exists(
        _LIVE_SESSION.with_for_update(read=not outlives_session, key_share=outlives_session)
    )
    for outlives_session in (False, True)
}


def _redeeming(*, has_row: bool, has_session: bool, outlives_session: bool) -> Write[tuple[bytes]]:
    redeemed = _REDEEMED.where(_IN_LIVE_SESSION[outlives_session]) if has_session else _REDEEMED
    return Write(
        redeemed.where(_OF_LIVE_SUBJECT),
        granting.grant,
        *granting.tokens_of(is_rotation=False, has_row=has_row),
        granting.hears,
        *([granting.outlived] if outlives_session else []),
    )


# By whether the tokens have a row, there is a session, and it is outlived.
_REDEEM: dict[tuple[bool, bool, bool], Write[tuple[bytes]]] = {
    (has_row, has_session, outlives_session): _redeeming(
        has_row=has_row, has_session=has_session, outlives_session=outlives_session
    )
    for has_row in (False, True)
    for has_session, outlives_session in ((False, False), (True, False), (True, True))
}
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
            and_(codes.c.purge_at > NOW, codes.c.purge_at <= NOW + KEPT_SECONDS + _LONGEST),
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


def add(store: Store, tenant_id: int, code: NewCode) -> None:
    """Write a code, and commit."""
    store.write(_ADD, tenant_id=tenant_id, **parameters(code))


def find(tx: Transaction, tenant_id: int, digest: bytes) -> CodeRecord | None:
    """Find a code, redeemed or not."""
    return tx.first(_FIND, tenant_id=tenant_id, digest=digest)


def redeem(store: Store, tenant_id: int, code: CodeRecord, grant: NewGrant, tokens: NewTokens) -> bool:
    """Mark a code as redeemed unless it is so already, write what it stands for, and commit.

    It is not redeemed either where it has expired meanwhile, its session or all of its subject has ended, or
    its client was disabled.

    Returns:
        Whether this call was the one that did it. Of two at once just one is, and nothing else was written.
    """
    values = values_of(grant, tokens) | {"digest": code.digest}
    outlives_session = grant.offline_session_sid is not None
    has_session = outlives_session or grant.session_sid is not None
    write = _REDEEM[tokens.has_row, has_session, outlives_session]
    return store.write(write, tenant_id=tenant_id, **values) is not None


def void(tx: Transaction, tenant_id: int, subject: str, client_id: str, *, longest_seconds: int) -> None:
    """Use up, for nothing, every code about a subject that this client has not redeemed yet.

    Waits for a redemption that is under way, so that what follows in this transaction sees its grant.

    Args:
        longest_seconds: no code is good for longer.
    """
    values = {"of_subject": subject, "of_client": client_id, "longest_seconds": longest_seconds}
    tx.rows(_VOID, tenant_id=tenant_id, **values)
