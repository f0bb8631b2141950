"""Statements on `signing_keys`."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from rescind.store.activity import NOW, TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.records import SigningKeyRecord
from rescind.store.tables import signing_keys

_COLUMNS: list[Any] = [signing_keys.c[field.name] for field in fields(SigningKeyRecord)]
_PUBLISHED = (
    select(*_COLUMNS)
    .where(
        signing_keys.c.tenant_id == TENANT_ID,
        or_(signing_keys.c.published_until.is_(None), signing_keys.c.published_until > NOW),
    )
    .order_by(signing_keys.c.signs_from, signing_keys.c.kid)
)
_RETIRE = (
    update(signing_keys)
    .where(
        signing_keys.c.tenant_id == bindparam("of_tenant"),
        signing_keys.c.kid != bindparam("this"),
        signing_keys.c.published_until.is_(None),
    )
    .values(published_until=bindparam("until"))
)


def published(tx: Transaction, tenant_id: int, *, now: int) -> list[SigningKeyRecord]:
    """List the keys that verifiers may still need or will need, in the order in which they sign."""
    return [SigningKeyRecord(*row) for row in tx.execute(_PUBLISHED, {"tenant_id": tenant_id, "now": now})]


def add(tx: Transaction, tenant_id: int, key: SigningKeyRecord) -> None:
    """Write a key."""
    tx.execute(insert(signing_keys), {"tenant_id": tenant_id, **asdict(key)})


def retire_others(tx: Transaction, tenant_id: int, kid: str, *, until: int) -> None:
    """Let every key but this one be published until a time, where no time is set yet."""
    tx.execute(_RETIRE, {"of_tenant": tenant_id, "this": kid, "until": until})
