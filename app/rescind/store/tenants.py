"""Statements on `tenants`. To look one up by its name is the one statement without a tenant_id."""

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from rescind.errors import AlreadyExists
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord
from rescind.store.tables import tenants

COLUMNS = (tenants.c.id, tenants.c.name, tenants.c.epoch, tenants.c.disabled_at, tenants.c.created_at)

_FIND = select(*COLUMNS).where(tenants.c.name == bindparam("name"))
_LIST = select(*COLUMNS).order_by(tenants.c.name)
_CREATE = insert(tenants).returning(*COLUMNS)
_SETTINGS = select(tenants.c.settings).where(tenants.c.id == bindparam("tenant_id"))
# Locked until the change is written, or one of two changes at once would be lost.
_SETTINGS_TO_CHANGE = _SETTINGS.with_for_update(key_share=True)
_SET_SETTINGS = (
    update(tenants).where(tenants.c.id == bindparam("tenant_id")).values(settings=bindparam("text"))
)
_SET_DISABLED = (
    update(tenants).where(tenants.c.id == bindparam("tenant_id")).values(disabled_at=bindparam("at"))
)


def find(tx: Transaction, name: str) -> TenantRecord | None:
    """Find a tenant by its name, disabled or not."""
    row = tx.execute(_FIND, {"name": name}).one_or_none()
    return None if row is None else TenantRecord(*row)


def list_all(tx: Transaction) -> list[TenantRecord]:
    """List every tenant by name."""
    return [TenantRecord(*row) for row in tx.execute(_LIST)]


def create(tx: Transaction, name: str, *, at: int) -> TenantRecord:
    """Add a tenant.

    Raises:
        AlreadyExists: the name is taken, by a disabled tenant too.
    """
    try:
        row = tx.execute(_CREATE, {"name": name, "created_at": at, "epoch": 0, "settings": "{}"}).one()
    except IntegrityError as error:
        raise AlreadyExists(f"The tenant {name} is there already.") from error
    return TenantRecord(*row)


def set_disabled(tx: Transaction, tenant_id: int, disabled_at: int | None) -> None:
    """Close a tenant from a time on, or open it again (None)."""
    tx.execute(_SET_DISABLED, {"tenant_id": tenant_id, "at": disabled_at})


def settings_of(tx: Transaction, tenant_id: int) -> str:
    """Read what is set for a tenant, a JSON text."""
    return str(tx.execute(_SETTINGS, {"tenant_id": tenant_id}).scalar_one())


def settings_to_change(tx: Transaction, tenant_id: int) -> str:
    """Read the same, and let nobody else change it before this transaction has."""
    return str(tx.execute(_SETTINGS_TO_CHANGE, {"tenant_id": tenant_id}).scalar_one())


def set_settings(tx: Transaction, tenant_id: int, text: str) -> None:
    """Write what is set for a tenant, a JSON text."""
    tx.execute(_SET_SETTINGS, {"tenant_id": tenant_id, "text": text})
