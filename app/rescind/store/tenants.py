"""Statements on `tenants`. To look one up by its name is the one statement without a tenant_id."""

from sqlalchemy import BigInteger, Text, bindparam, literal_column, select, update

from rescind.errors import AlreadyExists
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord
from rescind.store.shapes import Shape
from rescind.store.standing import STANDING
from rescind.store.statements import Statement, plain
from rescind.store.tables import tenants
from rescind.store.writes import inserting, spelled

# With it begins the name of each tenant that was deleted, and no other. Its row stays, so that its id, under
# which some worker may still write something, is given to nobody else.
GONE = "~"
NAME = bindparam("name", type_=Text)
TENANT = Shape(TenantRecord, tenants, prefix="tenant_", read_at=NOW, standing=STANDING)
_THIS = tenants.c.id == TENANT_ID

_FIND = Statement(select(*TENANT.columns).where(tenants.c.name == NAME), TENANT)
_LIST = Statement(
    select(*TENANT.columns)
    .where(tenants.c.name > bindparam("after", type_=Text), tenants.c.name.not_like(f"{GONE}%"))
    .order_by(tenants.c.name)
    .limit(bindparam("most", type_=BigInteger)),
    TENANT,
)
_CREATE = Statement(
    spelled(
        lambda insert: (
            inserting(
                tenants,
                columns=["name"],
                insert=insert,
                # Of an id that SQLite gives out again too: no epoch that was before.
                epoch=NOW,
                created_at=NOW,
                settings=literal_column("'{}'", Text),
            )
            .on_conflict_do_nothing()
            .returning(*TENANT.columns)
        )
    ),
    TENANT,
)
_SETTINGS = plain(select(tenants.c.settings).where(_THIS))
# Locked until the change is written, or one of two changes at once would be lost.
_SETTINGS_TO_CHANGE = plain(select(tenants.c.settings).where(_THIS).with_for_update(key_share=True))
_SET_SETTINGS = plain(
    update(tenants)
    .where(_THIS)
    .values(settings=bindparam("text", type_=Text), refreshing=bindparam("of_refreshing", type_=Text))
)
_SET_DEFAULT_RESOURCE = plain(
    update(tenants).where(_THIS).values(default_resource=bindparam("resource", type_=Text))
)
_DISABLE = plain(
    update(tenants)
    .where(_THIS, tenants.c.disabled_at.is_(None))
    .values(disabled_at=NOW)
    .returning(tenants.c.id)
)
_ENABLE = plain(
    update(tenants)
    .where(_THIS, tenants.c.disabled_at.is_not(None))
    .values(disabled_at=None)
    .returning(tenants.c.id)
)


_DELETE = plain(
    update(tenants)
    .where(_THIS, tenants.c.name == NAME, tenants.c.disabled_at.is_not(None))
    .values(
        name=bindparam("gone", type_=Text),
        settings=literal_column("'{}'", Text),
        default_resource=None,
        refreshing=None,
    )
    .returning(tenants.c.id)
)


def find(tx: Transaction, name: str) -> TenantRecord | None:
    """Find a tenant by its name, disabled or not."""
    return tx.first(_FIND, name=name)


def list_some(tx: Transaction, *, after: str, limit: int) -> list[TenantRecord]:
    """List tenants by name, `limit` of them, from behind the name `after` on."""
    return tx.rows(_LIST, after=after, most=limit)


def create(tx: Transaction, name: str) -> TenantRecord:
    """Add a tenant.

    Raises:
        AlreadyExists: the name is taken, by a disabled tenant too.
    """
    made = tx.first(_CREATE, name=name)
    if made is None:
        raise AlreadyExists(f"The tenant {name} is there already.")
    return made


def disable(tx: Transaction, tenant_id: int) -> bool:
    """Close a tenant. Gives whether this call did it."""
    return tx.first(_DISABLE, tenant_id=tenant_id) is not None


def enable(tx: Transaction, tenant_id: int) -> bool:
    """Open a tenant again. Gives whether this call did it."""
    return tx.first(_ENABLE, tenant_id=tenant_id) is not None


def delete(tx: Transaction, tenant_id: int, name: str) -> bool:
    """Give a disabled tenant's name free and forget what was set for it. Gives whether this call did it."""
    gone = f"{GONE}{tenant_id}"
    return tx.first(_DELETE, tenant_id=tenant_id, name=name, gone=gone) is not None


def settings_of(tx: Transaction, tenant_id: int) -> str:
    """Read what is set for a tenant, a JSON text."""
    return str(tx.value(_SETTINGS, tenant_id=tenant_id))


def settings_to_change(tx: Transaction, tenant_id: int) -> str:
    """Read the same, and let nobody else change it before this transaction has."""
    return str(tx.value(_SETTINGS_TO_CHANGE, tenant_id=tenant_id))


def set_settings(tx: Transaction, tenant_id: int, text: str, refreshing: str | None) -> None:
    """Write what is set for a tenant, a JSON text, and apart what requests need of it."""
    tx.rows(_SET_SETTINGS, tenant_id=tenant_id, text=text, of_refreshing=refreshing)


def set_default_resource(tx: Transaction, tenant_id: int, resource: str | None) -> None:
    """Write what tokens of a tenant are meant for where no resource is asked for; None for nothing."""
    tx.rows(_SET_DEFAULT_RESOURCE, tenant_id=tenant_id, resource=resource)
