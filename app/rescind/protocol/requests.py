"""A request as the endpoints and grants see it: a tenant, a form, and who presents it."""

from collections import defaultdict
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request

from rescind.protocol.clients import AuthenticatedClient
from rescind.protocol.credentials import Presented
from rescind.protocol.forms import Form
from rescind.store.device_records import DeviceRecord
from rescind.store.people_records import PersonRecord
from rescind.store.records import ClientRecord, CodeRecord, TenantRecord, TokenRecord


class FormPayload(OAuth2Payload):
    """The parameters of the body alone; Authlib's own would let the query go first."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> Mapping[str, str]:
        """The parameters, each once."""
        return self._form

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """The parameters in the form that Authlib asks for: lists of values."""
        return defaultdict(list, {name: [value] for name, value in self._form.items()})


@dataclass(frozen=True, slots=True)
class Received:
    """What came in, and what the first read of the request has found of it.

    Attributes:
        presented: what the client shows for itself; `known_client` is the client of that name, if any.
        shown_token: the token that the request is about; `known_token` is its row, if there is one, and
            `known_code` that of an authorization code, `known_device` that of a device code;
            `known_person` is the user whom it is about.
        known_resources: of those that the form asks for the ones that a resource server answers for, in
            canonical form; looked up where a new grant is asked for.
        address: that the request came from; empty where it is not known.
    """

    tenant: TenantRecord
    issuer: str
    form: Form
    presented: Presented
    known_client: ClientRecord | None
    request_id: str
    shown_token: str | None = None
    known_token: TokenRecord | None = None
    known_code: CodeRecord | None = None
    known_resources: tuple[str, ...] = ()
    known_person: PersonRecord | None = None
    known_device: DeviceRecord | None = None
    address: str = ""

    @property
    def holder(self) -> str | None:
        """The client whose token or code the request shows; None where it shows none that is known."""
        if self.known_token is not None:
            return self.known_token.grant.client_id
        shown = self.known_code or self.known_device
        return shown.client_id if shown is not None else None


# For the hooks of Authlib that are handed no request. Set anew on every request, never if missing.
current: ContextVar[Received] = ContextVar("rescind_received")


class TenantRequest(OAuth2Request):
    """An OAuth request to one tenant. Its URI is the issuer, so no header of the client can change it."""

    client: AuthenticatedClient | None

    def __init__(self, received: Received) -> None:
        # Not Authlib's own, which takes the issuer apart on every request to see that it is https. That was
        # seen to when the settings were read.
        self.method, self.uri, self.headers = "POST", received.issuer, {}
        self.client = self.user = self.auth_method = self.credential = None
        self.authorization_code = self.refresh_token = None
        self._body = self._scope = None
        self.received = received
        self.tenant = received.tenant
        self.payload = FormPayload(received.form)
        current.set(received)

    @property
    def form(self) -> Form:
        """The parameters of the body."""
        return self.received.form

    @property
    def authenticated_client(self) -> AuthenticatedClient:
        """The client, which the endpoint authenticates before it asks a grant anything."""
        if self.client is None:
            raise RuntimeError("A grant was asked before its client was authenticated.")
        return self.client

    @property
    def actor(self) -> str:
        """Who asks, as event rows name it."""
        return f"client:{self.authenticated_client.client_id}"
