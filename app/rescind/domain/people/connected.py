"""What a subject has given to clients: see it, and rely on it. `revoking.access` takes it back."""

from collections.abc import Iterable

from rescind.domain.authority import Authority
from rescind.store import grants
from rescind.store.records import ConnectedClient, TenantRecord

# Of more grants of one client the older ones are not looked through for what they cover.
_MOST_LOOKED_AT = 1000


def list_connected(authority: Authority, tenant: TenantRecord, subject: str) -> list[ConnectedClient]:
    """List the clients that hold something of a subject's, by id; what, by the newest thousand grants."""
    with authority.store.reading() as tx:
        return grants.connected(tx, tenant.id, subject, limit=_MOST_LOOKED_AT)


def has_given(
    authority: Authority, tenant: TenantRecord, subject: str, client_id: str, scope: Iterable[str]
) -> bool:
    """Tell whether a live grant that the subject gave the client covers the scope: then nothing is asked.

    What an operator has issued (`rescind token issue`) does not count. One of the newest thousand; what only
    an older one covers is asked for again.
    """
    with authority.store.reading() as tx:
        given = grants.consented_scopes(tx, tenant.id, subject, client_id, limit=_MOST_LOOKED_AT)
    return any(set(scope) <= set(each) for each in given)
