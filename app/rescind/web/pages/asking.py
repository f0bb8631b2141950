"""An authorization request: as it came in, and as forms carry it until the person has decided."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from flask import Request

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.forms import is_form
from rescind.protocol.rfc6749_authorize import AuthorizationRequest, ReturnAddress
from rescind.store.records import ClientRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies
from rescind.web.pages.forms import StaleForm
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError

# What may stand in a query as it is (RFC 3986 section 3.4), with the percent signs that are there.
_PLAIN_IN_QUERY = "%!$&'()*+,;=:@/?-._~"


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that was checked, with tenant and client as it read them first: their epochs count."""

    tenant: TenantRecord
    client: ClientRecord
    asked: AuthorizationRequest

    @property
    def client_name(self) -> str:
        """What people are told the client is called."""
        return names.name_to_show(self.client.name, self.client.client_id)

    def as_data(self) -> dict[str, Any]:
        """Write it down for a form."""
        asked = {**asdict(self.asked), "prompt": sorted(self.asked.prompt)}
        return {"asked": asked, "epochs": [self.tenant.epoch, self.client.epoch]}


def take_up(authority: Authority, tenant: str, data: dict[str, Any]) -> Asking:
    """Take up a request that a form carries, if all that it stands on is still there.

    Raises:
        StaleForm: something has ended since, or the client is disabled or may not ask for the same any more.
        ProblemError: 404, there is no such tenant.
    """
    asked = _asked(data["asked"])
    admitted = tenancy.admit(authority, tenant, asked.client_id)
    record, client = admitted.tenant, admitted.client
    if client is None or client.disabled_at is not None or [record.epoch, client.epoch] != data["epochs"]:
        raise StaleForm
    if not protocol.still_allows(asked, client):
        raise StaleForm
    return Asking(record, client, asked)


def query_of(request: Request) -> bytes:
    """Give the parameters of a request: those of the query and, of a POST, those of the body.

    Raises:
        ProblemError: the body is no form, or broken.
    """
    if request.method != "POST":
        return request.query_string
    if not is_form(request.headers.get("Content-Type", "")):
        raise ProblemError(400)
    return b"&".join(part for part in (request.query_string, bodies.read_body(request)) if part)


def address(tenant: TenantRecord, query: bytes) -> str:
    """Give the address of the endpoint with these parameters, whatever bytes they are."""
    return f"{cookies.tenant_path(tenant)}/oauth2/authorize?{quote(query, safe=_PLAIN_IN_QUERY)}"


def _asked(data: Any) -> AuthorizationRequest:
    try:
        return AuthorizationRequest(
            **{
                **data,
                "address": ReturnAddress(**data["address"]),
                "scope": tuple(data["scope"]),
                "prompt": frozenset(data["prompt"]),
            }
        )
    except (KeyError, TypeError):
        # Another version wrote it down with other fields.
        raise StaleForm from None
