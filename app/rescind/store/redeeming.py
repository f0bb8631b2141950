"""How a code becomes a grant: by one conditional update of its row, and what follows from it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, exists, not_, or_, select

from rescind.store import granting, sweeping
from rescind.store.activity import MISSING_EPOCH, TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.engine import Store
from rescind.store.granting import KEPT_SECONDS
from rescind.store.grants import values_of
from rescind.store.tables import sessions, subjects
from rescind.store.writes import Write

# For so long a code that was redeemed is kept: so long its return is seen.
GRANT_UNTIL = NOW + bindparam("grant_lifetime_seconds", type_=BigInteger) + KEPT_SECONDS
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

_CLIENT_STAYS = sweeping.is_not_swept("grant_client_id")

# By whether the tokens have a row, there is a session, and it is outlived.
Redeeming = Mapping[tuple[bool, bool, bool], Write[tuple[bytes]]]


def redeeming(update: Any) -> Redeeming:
    """Make the writes of a kind of code.

    Args:
        update: marks the row as redeemed, if it may be, and gives something back.
    """
    return {
        (has_row, has_session, outlives_session): _write(
            update.where(granting.OF_ENABLED_CLIENT, _CLIENT_STAYS),
            has_row=has_row,
            has_session=has_session,
            outlives_session=outlives_session,
        )
        for has_row in (False, True)
        for has_session, outlives_session in ((False, False), (True, False), (True, True))
    }


def _write(redeemed: Any, *, has_row: bool, has_session: bool, outlives_session: bool) -> Write[tuple[bytes]]:
    if has_session:
        redeemed = redeemed.where(_IN_LIVE_SESSION[outlives_session])
    return Write(
        redeemed.where(_OF_LIVE_SUBJECT),
        granting.grant,
        *granting.tokens_of(is_rotation=False, has_row=has_row),
        granting.hears,
        sweeping.keeping("grant_client_id", granting.LIFETIME_SECONDS),
        *([granting.outlived] if outlives_session else []),
    )


def redeem(
    store: Store,
    tenant_id: int,
    how: Redeeming,
    digest: bytes,
    grant: NewGrant,
    tokens: NewTokens,
    *,
    client_kept_seconds: int,
) -> bool:
    """Mark a code as redeemed unless it is so already, write what it stands for, and commit.

    It is not redeemed either where it has expired meanwhile, its session or all of its subject has ended, or
    its client was disabled.

    Args:
        client_kept_seconds: how much longer the client is kept, if it came by itself.

    Returns:
        Whether this call was the one that did it. Of two at once just one is, and nothing else was written.
    """
    values = values_of(grant, tokens) | {"digest": digest, "client_kept_seconds": client_kept_seconds}
    outlives_session = grant.offline_session_sid is not None
    has_session = outlives_session or grant.session_sid is not None
    write = how[tokens.has_row, has_session, outlives_session]
    return store.write(write, tenant_id=tenant_id, **values) is not None
