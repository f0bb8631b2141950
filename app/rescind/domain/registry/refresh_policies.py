"""How the refresh tokens of a client are handled: as is set for it, else for its tenant, else as usual."""

from dataclasses import dataclass
from typing import TypeVar

from rescind.domain.registry import tenant_settings
from rescind.domain.registry.refresh_options import END
from rescind.domain.registry.registration import PRIVATE_KEY_JWT
from rescind.settings import Settings
from rescind.store.records import ClientRecord, TenantRecord

T = TypeVar("T")

# Of a client that has brought itself: of such programs several run at once, and share a token.
BROUGHT_GRACE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """What holds for one client.

    Attributes:
        grace_seconds: for so long a token that was replaced gets its successors again.
        is_shared: several processes hold the token at once. It is replaced no more than once in the grace, so
            that none of them is further behind than by one.
        on_reuse: `end` or `refuse`, what comes of a token that was replaced and comes back after that.
        is_rotating: a use replaces the token.
    """

    grace_seconds: int
    is_shared: bool
    on_reuse: str
    is_rotating: bool


def policy_of(settings: Settings, tenant: TenantRecord, client: ClientRecord) -> RefreshPolicy:
    """Put together what holds for a client, from what the request has read already."""
    of_tenant = tenant_settings.refreshing(tenant.refreshing)
    brought = BROUGHT_GRACE_SECONDS if client.provenance is not None else None
    grace_seconds = _first(client.refresh_grace_seconds, of_tenant["refresh_grace_seconds"], brought)
    is_rotating = _first(client.is_rotating, of_tenant["is_rotating"])
    return RefreshPolicy(
        grace_seconds=settings.refresh_grace_seconds if grace_seconds is None else grace_seconds,
        is_shared=grace_seconds is not None,
        on_reuse=_first(client.on_reuse, of_tenant["on_reuse"]) or END,
        # What a tenant sets is for those of its clients whose token alone is of no use to a thief.
        is_rotating=is_rotating is not False or client.auth_method != PRIVATE_KEY_JWT,
    )


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)
