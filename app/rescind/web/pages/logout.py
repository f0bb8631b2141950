"""`/t/<tenant>/oidc/logout`: sign out, as a client asks for it or a person says.

An ID token of the session that is there is enough to sign out at once. Without, the person is asked: a link
on any page in the world could have brought them here. Whatever is wrong with a request, they can sign out.
"""

from typing import Any

import flask
from flask import Request, Response

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.revoking import logout
from rescind.protocol import openid_connect_logout as protocol
from rescind.protocol.forms import is_form, write_query
from rescind.protocol.openid_connect_logout import LogoutRequest, Parameters
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import answers, cookies, forms, problems, rendering, sessions, signing_out
from rescind.web.pages.hosts import Host
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

PATH = "oidc/logout"
ACTION = "sign-out"
# What the sealed form holds: the sessions that are to end, who was signed in, what was asked for, and what is
# wrong with that.
_ENDS, _SUBJECT, _ASKED, _FAULT = "ends", "subject", "asked", "fault"


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
        problems.refuse_ahead(request)
        parameters = _read(request)
        if request.method == "POST" and forms.FIELD in parameters.values:
            return self._decided(record, request)
        return self._asked(record, request, parameters)

    def _asked(self, tenant: TenantRecord, request: Request, parameters: Parameters) -> Response:
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
            query, address = write_query(_recognised(parameters)), _address(tenant)
            return problems.ask_again(tenant, f"{address}?{query}", (address, "Sign out"))
        # A host that names somebody would have them signed in again by the next request.
        admitted = sessions.admit(self._authority, tenant, request, self._host)
        if admitted is None:
            return self._signed_out(tenant, request, wanted)
        response = self._ask(tenant, request, [admitted.session], wanted, parameters)
        return sessions.keep(response, tenant, admitted)

    def _ask(
        self,
        tenant: TenantRecord,
        request: Request,
        found: list[SessionRecord],
        wanted: LogoutRequest,
        parameters: Parameters,
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
        data = {_ENDS: ends, _SUBJECT: subjects[0], _ASKED: asked, _FAULT: wanted.fault}
        browser = forms.browser_of(request, tenant.name)
        return rendering.render(
            "sign_out.html",
            tenant,
            form_action=answers.leads_to(wanted.redirect_to) if wanted.redirect_to else rendering.SELF,
            form=forms.seal(self._authority, forms.purpose_of(tenant.name, ACTION), data, browser),
            subject=", ".join(subjects),
            **_no_way_back(wanted),
        )

    def _decided(self, tenant: TenantRecord, request: Request) -> Response:
        _, data = forms.read_sealed(self._authority, request, tenant.name, ACTION, single=forms.ANY_SESSION)
        wanted = self._check(tenant, Parameters(data[_ASKED], data[_FAULT]))
        found = sessions.live(self._authority, tenant, request)
        if not {session.sid for session in found} <= set(data[_ENDS]):
            return problems.problem(
                tenant,
                "Somebody else has signed in here meanwhile.",
                advice="Nobody was signed out.",
                link=(_address(tenant), "Sign out"),
            )
        return self._end(tenant, request, data[_ENDS], f"subject:{data[_SUBJECT]}", wanted)

    def _check(self, tenant: TenantRecord, parameters: Parameters) -> LogoutRequest:
        issuer = self._authority.settings.issuer(tenant.name)
        return protocol.check(self._authority, tenant, issuer, parameters)

    def _end(
        self, tenant: TenantRecord, request: Request, sids: list[str], actor: str, wanted: LogoutRequest
    ) -> Response:
        for sid in sids:
            logout.end_session(self._authority, tenant, sid, actor=actor, request_id=request_id(request))
        response = self._signed_out(tenant, request, wanted)
        sessions.clear_cookie(response, tenant)
        return response

    def _signed_out(self, tenant: TenantRecord, request: Request, wanted: LogoutRequest) -> Response:
        if wanted.redirect_to is not None:
            return rendering.redirect(wanted.redirect_to)
        if self._host is not None and request.method == "POST" and not request.cookies:
            # Of another site's form the host does not know either who is signed in; of a GET it does.
            return rendering.redirect(_address(tenant))
        return signing_out.page(tenant, self._host, **_no_way_back(wanted))


def _address(tenant: TenantRecord) -> str:
    return f"{cookies.tenant_path(tenant)}/{PATH}"


def _read(request: Request) -> Parameters:
    """Read the parameters, of a POST from the body alone."""
    if problems.is_too_long(request):
        return Parameters(fault="what it sent is too long")
    if request.method == "GET":
        return protocol.read_parameters(request.query_string)
    if not is_form(request.headers.get("Content-Type", "")):
        return Parameters(fault="what it sent is no form")
    return protocol.read_parameters(bodies.read_body(request))


def _recognised(parameters: Parameters) -> dict[str, str]:
    return {name: value for name, value in parameters.values.items() if name in protocol.PARAMETERS}


def _no_way_back(wanted: LogoutRequest) -> dict[str, Any]:
    """Give what a page says of where nobody will be sent back to."""
    client = wanted.client
    name = client and names.name_to_show(client.name, client.client_id)
    return {"fault": wanted.fault, "client_name": name}
