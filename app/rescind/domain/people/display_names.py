"""What people are called on the pages: by the name that is known of them, and by their subject else."""

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import claims
from rescind.errors import BadValue
from rescind.store import users
from rescind.store.records import TenantRecord


def display_name(authority: Authority, tenant: TenantRecord, subject: str) -> str:
    """Give what to call a subject.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    person = None
    if authority.host_claims is None and authority.has_users:
        with authority.store.reading() as tx:
            user = users.find(tx, tenant.id, subject)
        person = user.person if user is not None else None
    told = claims.released(authority, tenant, subject, (claims.PROFILE,), person)
    name = told.get("name")
    try:
        return names.display_name(name) if isinstance(name, str) else subject
    except BadValue:
        return subject
