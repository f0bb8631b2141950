"""An authorization request: as it came in, and as forms carry it until the person has decided."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

import flask
from flask import Request

from rescind.domain import names, resources
from rescind.domain.authority import Authority
from rescind.domain.registry import documents
from rescind.protocol import documented_clients
from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.forms import is_form
from rescind.protocol.rfc6749_authorize import AuthorizationRequest, ReturnAddress
from rescind.store.records import Admitted, ClientRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies
from rescind.web.pages.forms import StaleForm
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError

# What may stand in a query as it is (RFC 3986 section 3.4), with the percent signs that are there.
_PLAIN_IN_QUERY = "%!$&'()*+,;=:@/?-._~"


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that was checked, with tenant and client as it read them first: their epochs count.

    Attributes:
        began_at: when it was first taken; None where that is now.
    """

    tenant: TenantRecord
    client: ClientRecord
    asked: AuthorizationRequest
    began_at: int | None = None

    @property
    def since(self) -> int:
        """When it was first taken, by the store's clock."""
        return self.tenant.read_at if self.began_at is None else self.began_at

    @property
    def client_name(self) -> str:
        """What people are told the client is called."""
        return names.name_to_show(self.client.name, self.client.client_id)

    @property
    def audience(self) -> tuple[str, ...]:
        """What tokens will be meant for."""
        return resources.or_default(self.asked.resource, self.tenant)

    def as_data(self) -> dict[str, Any]:
        """Write it down for a form."""
        asked = {**asdict(self.asked), "prompt": sorted(self.asked.prompt)}
        if not self.asked.resource:
            # Workers of the version before take up what they know every part of.
            del asked["resource"]
        return {"asked": asked, "epochs": [self.tenant.epoch, self.client.epoch], "began_at": self.since}


def admit(authority: Authority, tenant: str, client_id: str | None, resource: Iterable[str] = ()) -> Admitted:
    """Find the tenant, and the client that may ask for something: by its document where it has one.

    Args:
        resource: what is asked for.

    Raises:
        ProblemError: 404, there is no such tenant.
        DocumentRefused: what describes the client is not there, or no client can be what it says.
        DocumentUnavailable: it can't be had just now.
    """
    admitted = tenancy.admit(authority, tenant, client_id, asked_for=resource)
    address = flask.request.remote_addr or ""
    client = documented_clients.current(
        *(authority, admitted.tenant, client_id, admitted.client), address=address
    )
    return replace(admitted, client=client)


def take_up(authority: Authority, tenant: str, data: dict[str, Any]) -> Asking:
    """Take up a request that a form carries, if all that it stands on is still there.

    Raises:
        StaleForm: something has ended since, or the client is disabled or may not ask for the same any more.
        ProblemError: 404, there is no such tenant.
    """
    asked = _asked(data["asked"])
    admitted = admit(authority, tenant, asked.client_id, asked.resource)
    record, client = admitted.tenant, documents.as_begun(admitted.client, data["epochs"][1])
    if client is None or client.disabled_at is not None or [record.epoch, client.epoch] != data["epochs"]:
        raise StaleForm
    is_known = set(resources.possible(asked.resource)) <= set(admitted.resources or ())
    if not (is_known and protocol.still_allows(asked, client)):
        raise StaleForm
    return Asking(record, client, asked, data.get("began_at"))


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
                "resource": tuple(data.get("resource", ())),
            }
        )
    except (KeyError, TypeError):
        # Another version wrote it down with other fields.
        raise StaleForm from None
