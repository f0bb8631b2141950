"""Statements on `device_codes` (RFC 8628): begun by a device, decided by a person, redeemed once."""

from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, case, exists, select, update

from rescind.store import redeeming, sweeping
from rescind.store.activity import DEVICE_JOINED, DIGEST, TENANT_ID, device_ended, device_expired, suspended
from rescind.store.clock import NOW
from rescind.store.device_records import DeviceRecord
from rescind.store.drafts import NewDevice, NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.records import SessionRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, sessions
from rescind.store.tables import device_codes as devices
from rescind.store.writes import Write, inserting, spelled

# RFC 8628 section 3.5, slow_down.
SLOWER_SECONDS = 5

# Present, where a join brings it along.
DEVICE = Shape(
    DeviceRecord,
    devices,
    prefix="device_",
    present="digest",
    session_left_seconds=sessions.c.expires_at - NOW,
    is_ended=device_ended,
    is_expired=device_expired,
    is_suspended=suspended,
)
_USER_CODE = bindparam("user_code_digest", type_=LargeBinary)
_FIND_BY_USER_CODE = Statement(
    select(*DEVICE.columns)
    .select_from(DEVICE_JOINED)
    .where(devices.c.tenant_id == TENANT_ID, devices.c.user_code_digest == _USER_CODE),
    DEVICE,
)
_FIND = Statement(
    select(*DEVICE.columns)
    .select_from(DEVICE_JOINED)
    .where(devices.c.tenant_id == TENANT_ID, devices.c.digest == DIGEST),
    DEVICE,
)
_EXPIRES_AT = NOW + bindparam("lifetime_seconds", type_=BigInteger)


def _adding(insert: Any) -> Any:
    statement = inserting(
        devices,
        columns=[
            *("digest", "user_code_digest", "grant_id", "client_id", "scope", "audience"),
            *("tenant_epoch", "client_epoch", "interval_seconds"),
        ],
        insert=insert,
        created_at=NOW,
        expires_at=_EXPIRES_AT,
        purge_at=_EXPIRES_AT + KEPT_SECONDS,
    )
    return statement.on_conflict_do_nothing().returning(devices.c.digest)


_ADD: Write[tuple[bytes]] = Write(spelled(_adding), sweeping.keeping("client_id"))
_UNUSED = and_(devices.c.tenant_id == TENANT_ID, devices.c.redeemed_at.is_(None), devices.c.expires_at > NOW)
_UNDECIDED = and_(_UNUSED, devices.c.allowed_at.is_(None), devices.c.denied_at.is_(None))
_IS_TOO_SOON = devices.c.polled_at + devices.c.interval_seconds > NOW
_POLL: Write[tuple[int]] = Write(
    update(devices)
    .where(_UNDECIDED, devices.c.digest == DIGEST)
    .values(
        polled_at=NOW,
        interval_seconds=case(
            (_IS_TOO_SOON, devices.c.interval_seconds + SLOWER_SECONDS), else_=devices.c.interval_seconds
        ),
    )
    .returning(devices.c.interval_seconds)
)
# Nobody decides for a client that is disabled, which asks for nothing meanwhile.
_OF_ENABLED_CLIENT = exists(
    select(clients.c.client_id).where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id == devices.c.client_id,
        clients.c.disabled_at.is_(None),
    )
)
_ASKED = and_(
    _UNDECIDED,
    devices.c.user_code_digest == _USER_CODE,
    devices.c.grant_id == bindparam("asked", type_=Text),
    _OF_ENABLED_CLIENT,
)
_IN_LIVE_SESSION = exists(
    select(sessions.c.sid).where(
        sessions.c.tenant_id == TENANT_ID,
        sessions.c.sid == bindparam("sid", type_=Text),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > NOW,
    )
)
_ALLOW: Write[tuple[bytes]] = Write(
    update(devices)
    .where(_ASKED, _IN_LIVE_SESSION)
    .values(
        allowed_at=NOW,
        subject=bindparam("subject", type_=Text),
        session_sid=bindparam("sid", type_=Text),
        auth_time=bindparam("auth_time", type_=BigInteger),
        subject_epoch=bindparam("subject_epoch", type_=BigInteger),
    )
    .returning(devices.c.digest)
)
_DENY: Write[tuple[bytes]] = Write(
    update(devices).where(_ASKED).values(denied_at=NOW).returning(devices.c.digest)
)
_REDEEM = redeeming.redeeming(
    update(devices)
    .where(
        _UNUSED,
        devices.c.digest == DIGEST,
        devices.c.allowed_at.is_not(None),
        devices.c.denied_at.is_(None),
    )
    .values(redeemed_at=NOW, purge_at=redeeming.GRANT_UNTIL)
    .returning(devices.c.digest)
)
_VOID = plain(
    update(devices)
    .where(
        _UNUSED,
        devices.c.subject == bindparam("of_subject", type_=Text),
        devices.c.client_id == bindparam("of_client", type_=Text),
        # Those not redeemed are kept for a short time, the others for a month: the index finds these few.
        devices.c.purge_at > NOW + KEPT_SECONDS,
        devices.c.purge_at <= NOW + KEPT_SECONDS + bindparam("longest_seconds", type_=BigInteger),
    )
    .values(denied_at=NOW)
)


def add(store: Store, tenant_id: int, device: NewDevice, *, client_kept_seconds: int) -> bool:
    """Write what a device is to wait for, and commit; False where another has this user code.

    Args:
        client_kept_seconds: how much longer the client is kept, if it came by itself.
    """
    values = parameters(device) | {"client_kept_seconds": client_kept_seconds}
    return store.write(_ADD, tenant_id=tenant_id, **values) is not None


def find(tx: Transaction, tenant_id: int, digest: bytes) -> DeviceRecord | None:
    """Find what a device waits for, whatever became of it."""
    return tx.first(_FIND, tenant_id=tenant_id, digest=digest)


def find_by_user_code(tx: Transaction, tenant_id: int, user_code_digest: bytes) -> DeviceRecord | None:
    """Find what a device waits for by its user code, whatever became of it."""
    return tx.first(_FIND_BY_USER_CODE, tenant_id=tenant_id, user_code_digest=user_code_digest)


def poll(store: Store, tenant_id: int, digest: bytes) -> int | None:
    """Note that a device asks, and commit.

    Returns:
        The seconds that are to lie between two questions, which grow by each that comes too soon; None where
        it has nothing to wait for any more.
    """
    row = store.write(_POLL, tenant_id=tenant_id, digest=digest)
    return None if row is None else row[0]


def allow(
    store: Store, tenant_id: int, user_code_digest: bytes, grant_id: str, session: SessionRecord
) -> bool:
    """Let a subject allow it in a session, and commit. Gives whether this call did it."""
    row = store.write(
        _ALLOW,
        tenant_id=tenant_id,
        user_code_digest=user_code_digest,
        asked=grant_id,
        subject=session.subject,
        sid=session.sid,
        auth_time=session.auth_time,
        subject_epoch=session.subject_epoch,
    )
    return row is not None


def deny(store: Store, tenant_id: int, user_code_digest: bytes, grant_id: str) -> bool:
    """Let somebody say no to it, and commit. Gives whether this call did it."""
    values = {"user_code_digest": user_code_digest, "asked": grant_id}
    return store.write(_DENY, tenant_id=tenant_id, **values) is not None


def redeem(
    store: Store,
    tenant_id: int,
    device: DeviceRecord,
    grant: NewGrant,
    tokens: NewTokens,
    *,
    client_kept_seconds: int,
) -> bool:
    """Redeem one that was allowed, and commit; see `redeeming`. Gives whether this call did it."""
    return redeeming.redeem(
        store, tenant_id, _REDEEM, device.digest, grant, tokens, client_kept_seconds=client_kept_seconds
    )


def void(tx: Transaction, tenant_id: int, subject: str, client_id: str, *, longest_seconds: int) -> None:
    """Take back every one that a subject has allowed this client and that it has not redeemed yet.

    Waits for a redemption that is under way, so that what follows in this transaction sees its grant.

    Args:
        longest_seconds: none is good for longer.
    """
    values = {"of_subject": subject, "of_client": client_id, "longest_seconds": longest_seconds}
    tx.rows(_VOID, tenant_id=tenant_id, **values)
