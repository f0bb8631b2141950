"""Whether what a selector names is there at all, and how much would end with it: for operators."""

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.domain.revoking import revocation, selectors, targets
from rescind.domain.revoking.selectors import Selector
from rescind.store import admission, clients, grants, presence, sessions
from rescind.store.engine import Transaction
from rescind.store.spellings import each_spelling

# To count millions takes longer than anybody wants to wait for a number that is old by then.
MOST_COUNTED = 100_000


def is_there(authority: Authority, selector: Selector) -> bool:
    """Tell whether there is what a selector names, active or not.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant_id = tenants.get(authority, selector.tenant).id
    with authority.store.reading() as tx:
        match selector:
            case selectors.Token(token=string):
                return admission.find_token(tx, tenant_id, authority.keyring.presented(string)) is not None
            case selectors.Subject(subject=subject):
                return presence.is_known(tx, tenant_id, subject)
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


def count_covered(authority: Authority, selector: Selector, *, most: int = MOST_COUNTED) -> tuple[int, bool]:
    """Count the grants that a revocation would end now, suspended or not, without ending any.

    Returns:
        Their number, up to `most`, and whether these are all.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant_id = tenants.get(authority, selector.tenant).id
    with authority.store.reading() as tx:
        is_to_end = revocation.is_to_end(authority, tx, tenant_id, selector)
        if isinstance(selector, selectors.Token | selectors.Grant) or not is_to_end:
            return int(is_to_end), True
        count = 0
        for part in _parts(tx, tenant_id, selector):
            count += grants.count_holding(tx, tenant_id, **part, limit=most + 1 - count)
        return min(count, most), count <= most


def _parts(tx: Transaction, tenant_id: int, selector: Selector) -> list[dict[str, str]]:
    """Say which grants a selector covers; each part is one that an index finds."""
    match selector:
        case selectors.Session(sid=sid):
            wholly = (
                [{"offline_session_sid": sid}] if targets.takes_offline_access_along(tx, tenant_id) else []
            )
            return [{"session_sid": sid}, *wholly]
        case selectors.Subject(subject=subject):
            return [{"subject": each} for each in each_spelling(subject)]
        case selectors.Client(client_id=client_id):
            return [{"client_id": client_id}]
        case selectors.Access(subject=subject, client_id=client_id):
            return [{"subject": each, "client_id": client_id} for each in each_spelling(subject)]
        case _:
            return [{}]


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
