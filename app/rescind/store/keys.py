"""Statements on `signing_keys`. Times are given by the caller, who has read the store's clock."""

from sqlalchemy import BigInteger, LargeBinary, Text, bindparam, or_, select, update

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.key_records import SigningKeyRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import signing_keys, tenants
from rescind.store.writes import inserting

_KEY = Shape(SigningKeyRecord, signing_keys, read_at=NOW)
_KID = bindparam("this", type_=Text)
_UNTIL = bindparam("until", type_=BigInteger)
_ALL = (
    select(*_KEY.columns)
    .where(signing_keys.c.tenant_id == TENANT_ID)
    .order_by(
        # The newest is the one that none has replaced; it may be of the same second as the one before.
        signing_keys.c.published_until.is_(None),
        signing_keys.c.created_at,
        signing_keys.c.signs_from,
        signing_keys.c.kid,
    )
)
_KEPT = Statement(_ALL, _KEY)
_PUBLISHED = Statement(
    _ALL.where(or_(signing_keys.c.published_until.is_(None), signing_keys.c.published_until > NOW)), _KEY
)
_TURN = plain(
    select(tenants.c.id, NOW.label("at")).where(tenants.c.id == TENANT_ID).with_for_update(key_share=True)
)
_ADD = plain(
    inserting(
        signing_keys,
        columns=[
            *("kid", "algorithm", "public_jwk", "private_key", "created_at", "signs_from"),
            "published_until",
        ],
    )
)
_RETIRE = plain(
    update(signing_keys)
    .where(
        signing_keys.c.tenant_id == TENANT_ID,
        signing_keys.c.kid != _KID,
        signing_keys.c.published_until.is_(None),
    )
    .values(published_until=_UNTIL, purge_at=bindparam("kept_until", type_=BigInteger))
)
_ENCRYPT_AGAIN = plain(
    update(signing_keys)
    .where(
        signing_keys.c.tenant_id == TENANT_ID,
        signing_keys.c.kid == _KID,
        signing_keys.c.private_key == bindparam("old", type_=LargeBinary),
    )
    .values(private_key=bindparam("new", type_=LargeBinary))
)


def published(tx: Transaction, tenant_id: int) -> list[SigningKeyRecord]:
    """List the keys that verifiers may still need or will need, in the order in which they were made."""
    return tx.rows(_PUBLISHED, tenant_id=tenant_id)


def kept(tx: Transaction, tenant_id: int) -> list[SigningKeyRecord]:
    """List every key there is, those that are no longer published too."""
    return tx.rows(_KEPT, tenant_id=tenant_id)


def take_turn(tx: Transaction, tenant_id: int) -> int:
    """Let one transaction at a time decide on a tenant's keys; the next sees what this one commits.

    Returns:
        The store's time.
    """
    (row,) = tx.rows(_TURN, tenant_id=tenant_id)
    return int(row[1])


def add(tx: Transaction, tenant_id: int, key: SigningKeyRecord) -> None:
    """Write a key."""
    tx.rows(_ADD, tenant_id=tenant_id, **parameters(key))


def retire_others(tx: Transaction, tenant_id: int, kid: str, *, until: int, kept_until: int) -> None:
    """Let every key but this one be published until a time, where no time is set yet, and kept longer."""
    tx.rows(_RETIRE, tenant_id=tenant_id, this=kid, until=until, kept_until=kept_until)


def encrypt_again(tx: Transaction, tenant_id: int, kid: str, old: bytes, new: bytes) -> None:
    """Replace the encrypted private part of a key by the same, encrypted under another.

    One that another worker has replaced meanwhile stays: it is under a key that is newer than the old one.
    """
    tx.rows(_ENCRYPT_AGAIN, tenant_id=tenant_id, this=kid, old=old, new=new)
