"""The tenant of the path, read once a request together with the client that the request names."""

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.store import clients
from rescind.store.records import ClientRecord, TenantRecord
from rescind.web.replies import ProblemError


def admit(
    authority: Authority, name: str, client_id: str | None = None
) -> tuple[TenantRecord, ClientRecord | None]:
    """Find the tenant, and the client if there is one of that id. This is the request's first read.

    Raises:
        ProblemError: 404, there is no such tenant or it is disabled.
        StoreUnavailable: the store did not answer.
    """
    if not names.is_tenant_name(name):
        raise ProblemError(404)
    with authority.store.reading() as tx:
        admitted = clients.admit(tx, name, client_id)
    if admitted is None:
        raise ProblemError(404)
    return admitted
