"""Whether a store is in use."""

from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.store import clients, users


def is_used(authority: Authority) -> bool:
    """Tell whether the store holds a client or a user, of any tenant.

    Raises:
        StoreUnavailable: not known.
    """
    for tenant in tenants.list_all(authority):
        with authority.store.reading() as tx:
            if clients.list_some(tx, tenant.id, after="", limit=1):
                return True
            if users.list_some(tx, tenant.id, after="", limit=1):
                return True
    return False
