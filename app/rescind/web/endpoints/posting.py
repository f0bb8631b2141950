"""How programs ask: by a form that is posted to a tenant, from a client that shows who it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.domain.registry import documents
from rescind.errors import DocumentRefused, DocumentUnavailable, StoreUnavailable
from rescind.protocol import credentials, documented_clients, forms
from rescind.protocol.forms import Form
from rescind.protocol.requests import Received, TenantRequest
from rescind.store.records import Admitted
from rescind.web.endpoints import tenancy
from rescind.web.server import Server
from rescind.web.wire import bodies, cors, replies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id


@dataclass(frozen=True, slots=True)
class Posted:
    """A POST request that was read, or the error that came of reading it."""

    form: Form
    presented: credentials.Presented
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request is about: a token, an authorization code or a device code, or none; else resources.

    Attributes:
        with_person: whether what is known of the person behind it may be asked for, too.
    """

    token: str | None = None
    code: str | None = None
    device: str | None = None
    resources: tuple[str, ...] = ()
    with_person: bool = False


Answer = Callable[[TenantRequest], Response]

_UNREADABLE = credentials.Presented(None, None)


class Posting:
    """An endpoint of all tenants that takes forms."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._authority = server.authority

    def _answer(
        self,
        tenant: str,
        recognised: frozenset[str],
        shows: Callable[[Form], Shown],
        answer: Answer,
        *,
        has_cors: bool = True,
        renews: bool = False,
    ) -> Response:
        """Read a request and answer it. All that it asks the store goes over one connection.

        Args:
            recognised: parameters that may come once.
            shows: tells what a form shows.
            renews: a client whose document is out of date is described anew first.
        """
        posted = _read(bodies.present(), recognised)
        answered = self._answer_once(tenant, posted, shows, answer, has_cors=has_cors, renews=renews)
        if isinstance(answered, Response):
            return answered
        try:
            # Here nothing is held that others wait for. All that is known of the client is read anew after.
            documented_clients.renew_due(self._authority, answered.tenant, posted.presented.client_id or "")
        except (DocumentRefused, DocumentUnavailable, StoreUnavailable) as error:
            posted = replace(posted, error=error)
        return cast(Response, self._answer_once(tenant, posted, shows, answer, has_cors=has_cors))

    def _answer_once(
        self,
        tenant: str,
        posted: Posted,
        shows: Callable[[Form], Shown],
        answer: Answer,
        *,
        has_cors: bool,
        renews: bool = False,
    ) -> Response | Admitted:
        """Answer a request, unless the document of its client is out of date and is to be renewed first."""
        request = bodies.present()
        with self._authority.store.keeping():
            # An unknown tenant is 404 whatever else is wrong, and all it names comes with the same statement.
            shown, client_id = shows(posted.form), posted.presented.client_id
            admitted = tenancy.admit(
                *(self._authority, tenant, client_id),
                token=shown.token,
                code=shown.code,
                device=shown.device,
                asked_for=shown.resources,
                with_person=shown.with_person,
            )
            if renews and documents.is_due(admitted.client, admitted.tenant.read_at):
                return admitted
            reply = partial(self._reply, request, posted, admitted, shown.token, answer)
            if not has_cors:
                return reply()
            return cors.shared(self._authority, request, admitted.tenant.id, "POST", reply)

    def _reply(
        self, request: Request, posted: Posted, admitted: Admitted, token: str | None, answer: Answer
    ) -> Response:
        if posted.error is not None:
            return replies.error_reply(posted.error)
        received = Received(
            tenant=admitted.tenant,
            issuer=self._authority.settings.issuer(admitted.tenant.name),
            form=posted.form,
            presented=posted.presented,
            known_client=admitted.client,
            request_id=request_id(request),
            shown_token=token,
            known_token=admitted.token,
            known_code=admitted.code,
            known_resources=admitted.resources or (),
            known_person=admitted.person,
            known_device=admitted.device,
            address=request.remote_addr or "",
        )
        return replies.answering(answer, TenantRequest(received))


def shown_token(form: Form) -> Shown:
    """Take the token out of a form that asks about one (RFC 7009 section 2.1, RFC 7662 section 2.1)."""
    return Shown(token=form.get("token"))


def _read(request: Request, recognised: frozenset[str]) -> Posted:
    """Read a POST request, in the order of the contract; an error waits until the tenant is known."""
    try:
        if request.method != "POST":
            raise ProblemError(405, allow="POST")
        body = bodies.read_body(request)
        form = forms.read_form(
            body, request.headers.get("Content-Type", ""), request.query_string.decode("latin-1"), recognised
        )
        return Posted(form, credentials.present(request.headers.get("Authorization"), form))
    except (ProblemError, OAuth2Error) as error:
        return Posted(Form(), _UNREADABLE, error)
