"""The tenant of the path, read once a request together with the client and the token that it names."""

from collections.abc import Iterable

from flask import Request

from rescind.domain import names, resources
from rescind.domain.authority import Authority
from rescind.domain.secrets import digest
from rescind.store import admission
from rescind.store.records import Admitted, TenantRecord
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError

_TENANT = "rescind.tenant"


def admitted_tenant(request: Request) -> str | None:
    """Give the name of the tenant that this request was admitted to."""
    record = admitted_record(request)
    return record.name if record is not None else None


def admitted_record(request: Request) -> TenantRecord | None:
    """Give the tenant that this request was admitted to, as it was read first."""
    record: TenantRecord | None = request.environ.get(_TENANT)
    return record


def admit(
    authority: Authority,
    name: str,
    client_id: str | None = None,
    *,
    token: str | None = None,
    code: str | None = None,
    asked_for: Iterable[str] = (),
    with_person: bool = False,
    device: str | None = None,
) -> Admitted:
    """Find the tenant, with the client of that id and this token or code if they are there: the first read.

    Args:
        asked_for: resources, as they were sent; of these it tells which are known.
        with_person: with what is known of the user, too, whom the token or code is about.

    Raises:
        ProblemError: 404, there is no such tenant or it is disabled.
        StoreUnavailable: the store did not answer.
    """
    if not names.is_tenant_name(name):
        raise ProblemError(404)
    shown = authority.keyring.presented(token) if token is not None else None
    redeemed, polled = (None if each is None else digest(each) for each in (code, device))
    admitted = admission.admit(
        *(authority.store, name, client_id, shown),
        code=redeemed,
        device=polled,
        asked_for=resources.possible(asked_for),
        with_person=with_person,
    )
    if admitted is None:
        raise ProblemError(404)
    bodies.present().environ[_TENANT] = admitted.tenant
    return admitted
