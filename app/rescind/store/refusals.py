"""The write by which it is noted that a refresh token of long ago came back, and was refused."""

from sqlalchemy import func, update

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewRevocation
from rescind.store.engine import Store
from rescind.store.events import event
from rescind.store.granting import GRANT_ID
from rescind.store.shapes import parameters
from rescind.store.tables import grants
from rescind.store.writes import Write

# Who holds an old token may show it as often as they like; of a grant no more is written than one row in so
# long.
NOTED_EVERY_SECONDS = 3600

_NOTE: Write[tuple[str]] = Write(
    update(grants)
    .where(
        grants.c.tenant_id == TENANT_ID,
        grants.c.id == GRANT_ID,
        grants.c.revoked_at.is_(None),
        func.coalesce(grants.c.reuse_refused_at, 0) <= NOW - NOTED_EVERY_SECONDS,
    )
    .values(reuse_refused_at=NOW)
    .returning(grants.c.id),
    event,
)


def note(store: Store, tenant_id: int, grant_id: str, noted: NewRevocation) -> bool:
    """Write the event of a reuse that was refused, and commit, unless one of this grant is quite new.

    Returns:
        Whether this call has written one. Of several at once just one does.
    """
    values = parameters(noted, "event_")
    return store.write(_NOTE, tenant_id=tenant_id, grant_id=grant_id, **values) is not None
