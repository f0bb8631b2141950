"""Whether what a selector names is there at all, and how many sessions would end with it: for operators."""

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.selectors import Selector
from rescind.store import admission, clients, grants, presence, sessions
from rescind.store.spellings import each_spelling


def is_there(authority: Authority, selector: Selector) -> bool:
    """Tell whether there is what a selector names, active or not.

    Of a subject its revocation itself tells, which is done in any case: where it has ended nothing, nothing
    is kept.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant_id = tenants.get(authority, selector.tenant).id
    with authority.store.reading() as tx:
        match selector:
            case selectors.Token(token=string):
                return admission.find_token(tx, tenant_id, authority.keyring.presented(string)) is not None
            case selectors.Subject():
                return False
            case selectors.Tenant():
                return True
            case (
                selectors.Grant(grant_id=name)
                | selectors.Session(sid=name)
                | selectors.Client(client_id=name)
            ) if not names.is_storable(name):
                return False
            case selectors.Grant(grant_id=grant_id):
                return grants.find(tx, tenant_id, grant_id) is not None
            case selectors.Session(sid=sid):
                return sessions.find(tx, tenant_id, sid) is not None
            case selectors.Access(subject=subject, client_id=client_id):
                return names.is_client_id(client_id) and any(
                    grants.list_some(tx, tenant_id, subject=each, client_id=client_id, after="", limit=1)
                    for each in each_spelling(subject)
                )
            case selectors.Client(client_id=client_id):
                client = clients.find(tx, tenant_id, client_id)
                return client is not None and client.deleted_at is None


def count_sessions(authority: Authority, selector: Selector, *, most: int) -> tuple[int, bool]:
    """Count the active sessions that a revocation would end now, without ending any.

    Returns:
        Their number, up to `most`, and whether these are all.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant_id = tenants.get(authority, selector.tenant).id
    with authority.store.reading() as tx:
        match selector:
            case selectors.Session(sid=sid):
                session = sessions.find(tx, tenant_id, sid) if names.is_storable(sid) else None
                return int(session is not None and session.is_active), True
            case selectors.Subject(subject=subject):
                count = presence.count_sessions(tx, tenant_id, subject, limit=most + 1)
            case selectors.Tenant():
                count = presence.count_sessions(tx, tenant_id, None, limit=most + 1)
            case _:
                return 0, True
    return min(count, most), count <= most
