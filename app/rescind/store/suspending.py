"""The writes that disable and enable a client, each with its event. They end nothing."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, update

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewRevocation
from rescind.store.engine import Store
from rescind.store.events import event
from rescind.store.revocations import values_of
from rescind.store.tables import clients
from rescind.store.writes import Write

_LIVE = and_(
    clients.c.tenant_id == TENANT_ID,
    clients.c.client_id == bindparam("this", type_=Text),
    clients.c.deleted_at.is_(None),
)


def _setting(condition: ColumnElement[bool], disabled_at: Any) -> Write[tuple[str]]:
    changed = update(clients).where(_LIVE, condition).values(disabled_at=disabled_at)
    return Write(changed.returning(clients.c.client_id), event)


_DISABLE = _setting(clients.c.disabled_at.is_(None), NOW)
_ENABLE = _setting(clients.c.disabled_at.is_not(None), None)


def disable(store: Store, tenant_id: int, client_id: str, event: NewRevocation) -> bool:
    """Suspend all of a client, and commit. Gives whether this call did it."""
    return store.write(_DISABLE, tenant_id=tenant_id, **values_of(client_id, event)) is not None


def enable(store: Store, tenant_id: int, client_id: str, event: NewRevocation) -> bool:
    """Let a client go on, and commit. Gives whether this call did it."""
    return store.write(_ENABLE, tenant_id=tenant_id, **values_of(client_id, event)) is not None
