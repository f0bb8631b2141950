"""How programs ask: by a form that is posted to a tenant, from a client that shows who it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.protocol import credentials, forms
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

    form: Mapping[str, str]
    presented: credentials.Presented
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request is about: a token, an authorization code or a device code, or none of these."""

    token: str | None = None
    code: str | None = None
    device: str | None = None


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
        shows: Callable[[Mapping[str, str]], Shown],
        answer: Answer,
        *,
        has_cors: bool = True,
    ) -> Response:
        """Read a request and answer it. All that it asks the store goes over one connection.

        Args:
            recognised: parameters that may come once.
            shows: tells what a form shows.
        """
        request = bodies.present()
        posted = _read(request, recognised)
        with self._authority.store.keeping():
            # An unknown tenant is 404 whatever else is wrong, and all it names comes with the same statement.
            shown, client_id = shows(posted.form), posted.presented.client_id
            named = {"token": shown.token, "code": shown.code, "device": shown.device}
            admitted = tenancy.admit(self._authority, tenant, client_id, **named)
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
            known_device=admitted.device,
            address=request.remote_addr or "",
        )
        return replies.answering(answer, TenantRequest(received))


def shown_token(form: Mapping[str, str]) -> Shown:
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
        return Posted({}, _UNREADABLE, error)
