"""The tenant of the path, read once a request together with the client that the request names."""

import flask
from flask import Request

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.store import clients
from rescind.store.records import ClientRecord, TenantRecord
from rescind.web.wire.replies import ProblemError

_NAME = "rescind.tenant"


def admitted_tenant(request: Request) -> str | None:
    """Give the name of the tenant that this request was admitted to."""
    name: str | None = request.environ.get(_NAME)
    return name


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
    flask.request.environ[_NAME] = name
    return admitted
