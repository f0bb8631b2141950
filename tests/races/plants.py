"""Faults that races bring to light, planted into a server of its own to see that the checks find them.

The environment variable is read by the tests' server alone; the product knows nothing of it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from sqlalchemy import select, update

from rescind.domain.authority import Authority
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.protocol import rfc6749_client_credentials, rfc6749_refresh_token, rfc7009_revocation
from rescind.store import grants as grant_rows
from rescind.store import rotations
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.engine import Store
from rescind.store.granting import GRANT_ID
from rescind.store.records import TenantRecord, TokenRecord
from rescind.store.tables import clients, grants, tenants
from rescind.store.writes import Write

VARIABLE = "RACES_PLANT"
PAUSE_SECONDS = 0.04


def stale_row() -> None:
    """Decide a refresh by the row that was read before another rotated the token, and not by the update."""

    decided = rotations._BY_GRANT
    by_id = update(grants).where(grants.c.tenant_id == TENANT_ID, grants.c.id == GRANT_ID)
    careless = by_id.values(rotations._NEW).returning((grants.c.expires_at - NOW).label("left_seconds"))
    assert not decided.compare(careless)
    rotations._ROTATE_BY_GRANT = Write(careless, *rotations._WITHOUT_ROW)
    _change(rfc6749_refresh_token, "refresh", _slowly)


def second_epoch_read() -> None:
    """Give a grant the epochs that stand when it is written, not those that its request read first."""

    def rereading(honest: Any) -> Any:
        def issue(
            store: Store, tenant_id: int, new: Sequence[tuple[NewGrant, NewTokens]], **others: Any
        ) -> None:
            present = [(_with_present_epochs(store, tenant_id, each), its) for each, its in new]
            honest(store, tenant_id, present, **others)

        return issue

    _change(grant_rows, "issue", rereading)
    _change(rfc6749_client_credentials, "issue", _slowly)


def early_answer() -> None:
    """Answer a revocation at once and commit it a little later."""

    def answering_early(honest: Any) -> Any:
        def revoke_found(
            authority: Authority, tenant: TenantRecord, token: TokenRecord, cause: Cause
        ) -> Revocation:
            arguments = (authority, tenant, token, cause)
            threading.Thread(target=_slowly(honest), args=arguments, daemon=True).start()
            return Revocation(True, None, tenant.name, "token", "", cause)

        return revoke_found

    _change(rfc7009_revocation, "revoke_found", answering_early)


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant for plant in (stale_row, second_epoch_read, early_answer)
}


def plant(name: str | None) -> None:
    """Plant the fault of that name; none where there is no name."""
    if name is not None:
        PLANTS[name]()


def _change(module: ModuleType, name: str, changed: Callable[[Any], Any]) -> None:
    setattr(module, name, changed(getattr(module, name)))


def _slowly(honest: Callable[..., Any]) -> Callable[..., Any]:
    def slow(*arguments: Any, **named: Any) -> Any:
        time.sleep(PAUSE_SECONDS)
        return honest(*arguments, **named)

    return slow


def _with_present_epochs(store: Store, tenant_id: int, grant: NewGrant) -> NewGrant:
    of_tenant = select(tenants.c.epoch).where(tenants.c.id == tenant_id)
    of_client = select(clients.c.epoch).where(
        clients.c.tenant_id == tenant_id, clients.c.client_id == grant.client_id
    )
    with store.opened() as tx:
        tenant_epoch, client_epoch = tx.execute(of_tenant).scalar_one(), tx.execute(of_client).scalar_one()
    return replace(grant, tenant_epoch=tenant_epoch, client_epoch=client_epoch)
