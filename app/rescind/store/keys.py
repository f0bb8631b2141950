"""Statements on `signing_keys`."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from rescind.store.activity import NOW, TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.records import SigningKeyRecord
from rescind.store.tables import signing_keys, tenants

_COLUMNS: list[Any] = [signing_keys.c[field.name] for field in fields(SigningKeyRecord)]
_KEPT = (
    select(*_COLUMNS)
    .where(signing_keys.c.tenant_id == TENANT_ID)
    .order_by(
        # The newest is the one that none has replaced; it may be of the same second as the one before.
        signing_keys.c.published_until.is_(None),
        signing_keys.c.created_at,
        signing_keys.c.signs_from,
        signing_keys.c.kid,
    )
)
_PUBLISHED = _KEPT.where(or_(signing_keys.c.published_until.is_(None), signing_keys.c.published_until > NOW))
_TURN = select(tenants.c.id).where(tenants.c.id == TENANT_ID).with_for_update(key_share=True)
_RETIRE = (
    update(signing_keys)
    .where(
        signing_keys.c.tenant_id == bindparam("of_tenant"),
        signing_keys.c.kid != bindparam("this"),
        signing_keys.c.published_until.is_(None),
    )
    .values(published_until=bindparam("until"))
)
_ENCRYPT_AGAIN = (
    update(signing_keys)
    .where(signing_keys.c.tenant_id == bindparam("of_tenant"), signing_keys.c.kid == bindparam("this"))
    .values(private_key=bindparam("encrypted"))
)


def published(tx: Transaction, tenant_id: int, *, now: int) -> list[SigningKeyRecord]:
    """List the keys that verifiers may still need or will need, in the order in which they were made."""
    return [SigningKeyRecord(*row) for row in tx.execute(_PUBLISHED, {"tenant_id": tenant_id, "now": now})]


def kept(tx: Transaction, tenant_id: int) -> list[SigningKeyRecord]:
    """List every key there is, those that are no longer published too."""
    return [SigningKeyRecord(*row) for row in tx.execute(_KEPT, {"tenant_id": tenant_id})]


def take_turn(tx: Transaction, tenant_id: int) -> None:
    """Let one transaction at a time decide on a tenant's keys; the next sees what this one commits."""
    tx.execute(_TURN, {"tenant_id": tenant_id})


def add(tx: Transaction, tenant_id: int, key: SigningKeyRecord) -> None:
    """Write a key."""
    tx.execute(insert(signing_keys), {"tenant_id": tenant_id, **asdict(key)})


def retire_others(tx: Transaction, tenant_id: int, kid: str, *, until: int) -> None:
    """Let every key but this one be published until a time, where no time is set yet."""
    tx.execute(_RETIRE, {"of_tenant": tenant_id, "this": kid, "until": until})


def encrypt_again(tx: Transaction, tenant_id: int, kid: str, private_key: bytes) -> None:
    """Replace the encrypted private part of a key by the same, encrypted under another."""
    tx.execute(_ENCRYPT_AGAIN, {"of_tenant": tenant_id, "this": kid, "encrypted": private_key})
