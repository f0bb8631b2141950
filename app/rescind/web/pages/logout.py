"""`/t/<tenant>/oidc/logout`: sign out, as a client asks for it or a person says.

An ID token of the session that is there is enough to sign out at once. Without, the person is asked: a link
on any page in the world could have brought them here.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import flask
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.domain.revoking import logout
from rescind.protocol import openid_connect_logout as protocol
from rescind.protocol.forms import is_form
from rescind.protocol.openid_connect_logout import LogoutRequest
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import answers, cookies, forms, rendering, sessions
from rescind.web.pages.sessions import Host
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

PATH = "oidc/logout"
# What the sealed form holds: the sessions that are to end, who was signed in, and what was asked for.
_ENDS, _SUBJECT, _ASKED = "ends", "subject", "asked"


class Logout:
    """The endpoint of all tenants (RP-Initiated Logout section 2)."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def logout(self, tenant: str) -> Response:
        """End the session of this browser, and go back to the client or to a page that says so."""
        request = flask.request
        record = tenancy.admit(self._authority, tenant).tenant
        if request.method not in {"GET", "POST"}:
            raise ProblemError(405, allow="GET, POST")
        try:
            parameters = _read(request)
            if request.method == "POST" and forms.FIELD in parameters:
                return self._decided(record, request, parameters)
            return self._asked(record, request, parameters)
        except OAuth2Error as error:
            return rendering.problem(record, error.description)

    def _asked(self, tenant: TenantRecord, request: Request, parameters: Mapping[str, str]) -> Response:
        wanted = self._check(tenant, parameters)
        # One, but for a browser into which somebody has put another; to that an end is put as well.
        found = sessions.live(self._authority, tenant, request)
        hint = wanted.hint
        if found:
            if hint is not None and all(hint.is_about(session) for session in found):
                return self._end(
                    tenant, request, [each.sid for each in found], f"subject:{hint.subject}", wanted
                )
            return self._ask(tenant, request, found, wanted, parameters)
        if hint is not None and hint.sid is not None:
            # The form of another site brings no cookie (SameSite). What it shows is as good.
            return self._end(tenant, request, [hint.sid], f"client:{hint.client_id}", wanted)
        if request.method == "POST":
            # Nor is it known then whether somebody is signed in: a GET, to which the cookie comes, will tell.
            query = urlencode(_recognised(parameters))
            return rendering.ask_again(tenant, f"{cookies.tenant_path(tenant)}/{PATH}?{query}")
        # A host that names somebody would have them signed in again by the next request.
        admitted = sessions.admit(self._authority, tenant, request, self._host)
        if admitted is None:
            return _signed_out(tenant, wanted)
        response = self._ask(tenant, request, [admitted.session], wanted, parameters)
        return sessions.keep(response, tenant, admitted)

    def _ask(
        self,
        tenant: TenantRecord,
        request: Request,
        found: list[SessionRecord],
        wanted: LogoutRequest,
        parameters: Mapping[str, str],
    ) -> Response:
        asked = {name: value for name, value in _recognised(parameters).items() if name != "id_token_hint"}
        if wanted.client is not None:
            # The hint may have named it, and is about another session: it is of no more use.
            asked["client_id"] = wanted.client.client_id
        hint, subjects = wanted.hint, list(dict.fromkeys(session.subject for session in found))
        # An earlier session of the person, in which the client holds tokens: first, so that while a second is
        # left, they can ask again.
        earlier = [hint.sid] if hint is not None and hint.sid and hint.subject in subjects else []
        ends = [*earlier, *(session.sid for session in found)]
        data = {_ENDS: ends, _SUBJECT: subjects[0], _ASKED: asked}
        return rendering.render(
            "sign_out.html",
            tenant,
            form_action=answers.leads_to(wanted.redirect_to) if wanted.redirect_to else rendering.SELF,
            form=forms.seal(self._authority, _purpose(tenant), data, forms.browser_of(request, tenant.name)),
            subject=", ".join(subjects),
            client_name=wanted.client and (wanted.client.name or wanted.client.client_id),
        )

    def _decided(self, tenant: TenantRecord, request: Request, posted: Mapping[str, str]) -> Response:
        browser = forms.browser_of(request, tenant.name)
        try:
            data = forms.unseal(self._authority, _purpose(tenant), posted[forms.FIELD], browser)
        except forms.StaleForm:
            raise InvalidRequest("This form is out of date. Go back and start again.") from None
        wanted = self._check(tenant, data[_ASKED])
        found = sessions.live(self._authority, tenant, request)
        if not {session.sid for session in found} <= set(data[_ENDS]):
            raise InvalidRequest("Somebody else has signed in here meanwhile.")
        return self._end(tenant, request, data[_ENDS], f"subject:{data[_SUBJECT]}", wanted)

    def _check(self, tenant: TenantRecord, parameters: Mapping[str, str]) -> LogoutRequest:
        issuer = self._authority.settings.issuer(tenant.name)
        return protocol.check(self._authority, tenant, issuer, parameters)

    def _end(
        self, tenant: TenantRecord, request: Request, sids: list[str], actor: str, wanted: LogoutRequest
    ) -> Response:
        for sid in sids:
            logout.end_session(self._authority, tenant, sid, actor=actor, request_id=request_id(request))
        response = _signed_out(tenant, wanted)
        sessions.clear_cookie(response, tenant)
        return response


def _read(request: Request) -> Mapping[str, str]:
    """Read the parameters, of a POST from the body alone."""
    if request.method == "GET":
        return protocol.read_parameters(request.query_string)
    if not is_form(request.headers.get("Content-Type", "")):
        raise InvalidRequest("The body must be a form.")
    return protocol.read_parameters(bodies.read_body(request))


def _recognised(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name in protocol.PARAMETERS}


def _purpose(tenant: TenantRecord) -> str:
    return f"sign out of {tenant.id}"


def _signed_out(tenant: TenantRecord, wanted: LogoutRequest) -> Response:
    if wanted.redirect_to is not None:
        return rendering.redirect(wanted.redirect_to)
    return rendering.render("signed_out.html", tenant, text="You are signed out.")
