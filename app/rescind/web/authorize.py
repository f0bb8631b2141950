"""The authorize endpoint: who is it, do they allow it, and then back to the client with a code."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import flask
from flask import Request, Response

from rescind.domain import clock, codes, connected, sign_in
from rescind.domain.authority import Authority
from rescind.domain.epochs import Epochs
from rescind.domain.issuing import Authorization
from rescind.errors import SignInRefused, SignInThrottled
from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.rfc6749_authorize import (
    AuthorizationRequest,
    RedirectedError,
    ReturnAddress,
    ShownError,
)
from rescind.store.records import ClientRecord, SessionRecord, TenantRecord
from rescind.web import answers, bodies, cookies, forms, pages, sessions, signing_in, tenancy
from rescind.web.forms import StaleForm
from rescind.web.replies import ProblemError
from rescind.web.request_ids import request_id
from rescind.web.sessions import Admitted, Host

CONSENT = "consent"
_SCOPE_TEXTS = {
    "openid": "know who you are",
    "profile": "see your profile",
    "email": "see your e-mail address",
    "offline_access": "keep access after you have signed out",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that was checked, with tenant and client as it read them first: their epochs count."""

    tenant: TenantRecord
    client: ClientRecord
    asked: AuthorizationRequest

    @property
    def client_name(self) -> str:
        """What people are told the client is called."""
        return self.client.name or self.client.client_id

    def as_data(self) -> dict[str, Any]:
        """Write it down for a form."""
        asked = {**asdict(self.asked), "prompt": sorted(self.asked.prompt)}
        return {"asked": asked, "epochs": [self.tenant.epoch, self.client.epoch]}


class AuthorizePages:
    """The endpoint, and the two forms that it shows, for all tenants."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def authorize(self, tenant: str) -> Response:
        """RFC 6749 section 3.1: take an authorization request."""
        request = flask.request
        if request.method not in {"GET", "HEAD", "POST"}:
            raise ProblemError(405, allow="GET, HEAD, POST")
        try:
            parameters = protocol.read(_query(request))
        except ShownError as error:
            record, _ = tenancy.admit(self._authority, tenant)
            return pages.problem(record, str(error))
        record, client = tenancy.admit(self._authority, tenant, parameters.client_id)
        if request.method == "POST":
            # From another site a browser sends no SameSite=Lax cookie with a POST, but with what follows it.
            here = f"{cookies.tenant_path(record)}/oauth2/authorize"
            return pages.redirect(f"{here}?{_query(request).decode('ascii')}")
        try:
            address = protocol.return_address(parameters, client)
        except ShownError as error:
            return pages.problem(record, str(error))
        assert client is not None  # noqa: S101
        try:
            asked = protocol.check(parameters, client, address)
        except RedirectedError as error:
            return self._refuse(record, address, error)
        admitted = sessions.admit(self._authority, record, request, self._host)
        asking = Asking(record, client, asked)
        return _with_cookie(self._go_on(asking, admitted, parameters.values), record, admitted)

    def sign_in(self, tenant: str) -> Response:
        """Take the sign-in form, which an authorization request or the account page has shown."""
        request = flask.request
        if self._host is not None:
            raise ProblemError(404)
        fields, data = self._read(request, tenant, signing_in.PURPOSE)
        asking = self._asking(tenant, data) if "asked" in data else None
        record = asking.tenant if asking else tenancy.admit(self._authority, tenant)[0]
        username, password = fields.get("username", ""), fields.get("password", "")
        shown = signing_in.Shown(
            fields[forms.FIELD],
            username,
            client_name=asking.client_name if asking else "",
            form_action=answers.leads_to(asking.asked.address) if asking else pages.SELF,
        )
        try:
            signed_in = sign_in.sign_in(
                self._authority,
                record,
                username,
                password,
                address=request.remote_addr or "",
                request_id=request_id(request),
            )
        except SignInRefused as error:
            return signing_in.page(record, replace(shown, error=str(error)), 400)
        except SignInThrottled as error:
            response = signing_in.page(record, replace(shown, error=str(error)), 429)
            response.headers["Retry-After"] = str(error.retry_after_seconds)
            return response
        session = sessions.by_cookie(self._authority, record, signed_in.cookie)
        if session is None:
            # Ended while the password was being checked.
            raise StaleForm
        admitted = Admitted(session, signed_in.cookie)
        if asking is None:
            response = pages.redirect(f"{cookies.tenant_path(record)}/account")
        else:
            response = self._go_on(asking, admitted, {}, is_fresh=True)
        return _with_cookie(response, record, admitted)

    def consent(self, tenant: str) -> Response:
        """Take the consent form. It is good for the session that it was shown to."""
        request = flask.request
        fields, data = self._read(request, tenant, CONSENT)
        asking = self._asking(tenant, data)
        admitted = sessions.admit(self._authority, asking.tenant, request, self._host)
        if admitted is None or admitted.session.sid != data["sid"]:
            raise StaleForm
        match fields.get("decision"):
            case "allow":
                return self._succeed(asking, self._mint(asking, admitted.session))
            case "deny":
                error = RedirectedError("access_denied", "The person at the browser said no.")
                return self._refuse(asking.tenant, asking.asked.address, error)
        raise StaleForm

    def _read(self, request: Request, tenant: str, purpose: str) -> tuple[dict[str, str], dict[str, Any]]:
        return forms.read_sealed(self._authority, request, tenant, purpose)

    def _asking(self, tenant: str, data: dict[str, Any]) -> Asking:
        """Take up a request that a form carries, if nothing has ended since that it stands on.

        Raises:
            StaleForm: something has.
        """
        asked = _asked(data["asked"])
        record, client = tenancy.admit(self._authority, tenant, asked.client_id)
        if client is None or not protocol.is_registered(asked.address.redirect_uri, client):
            raise StaleForm
        if [record.epoch, client.epoch] != data["epochs"]:
            raise StaleForm
        return Asking(record, client, asked)

    def _go_on(
        self, asking: Asking, admitted: Admitted | None, sent: Any, *, is_fresh: bool = False
    ) -> Response:
        """Ask the person what is still to be asked; with nothing left, answer the client."""
        asked, record = asking.asked, asking.tenant
        session = admitted.session if admitted is not None else None
        waits_since = signing_in.waits_since(self._authority, record, sent) if self._host else None
        if session is not None and waits_since is not None:
            is_fresh = session.auth_time >= waits_since
        if session is None or not (is_fresh or not asked.asks_for_sign_in(session.auth_time, clock.now())):
            if "none" in asked.prompt:
                return self._refuse(record, asked.address, _needs("login_required", "sign in"))
            return self._ask_to_sign_in(asking, session, has_waited=waits_since is not None)
        subject, client_id = session.subject, asked.client_id
        if "consent" not in asked.prompt and self._has_given(record, subject, client_id, asked.scope):
            code = self._mint(asking, session)
            # Again, now that the code is there: who takes access back meanwhile either uses the code up,
            # or has done it before this look.
            if self._has_given(record, subject, client_id, asked.scope):
                return self._succeed(asking, code)
        if "none" in asked.prompt:
            return self._refuse(record, asked.address, _needs("consent_required", "give consent"))
        return self._ask_for_consent(asking, session)

    def _has_given(self, tenant: TenantRecord, subject: str, client_id: str, scope: tuple[str, ...]) -> bool:
        return connected.has_given(self._authority, tenant, subject, client_id, scope)

    def _ask_to_sign_in(self, asking: Asking, session: SessionRecord | None, *, has_waited: bool) -> Response:
        record = asking.tenant
        if self._host is not None:
            return signing_in.send_to_host(self._authority, self._host, record, has_waited=has_waited)
        browser = forms.browser_of(flask.request)
        purpose = forms.purpose_of(record.name, signing_in.PURPOSE)
        shown = signing_in.Shown(
            forms.seal(self._authority, purpose, asking.as_data(), browser),
            asking.asked.login_hint or (session.subject if session is not None else ""),
            client_name=asking.client_name,
            form_action=answers.leads_to(asking.asked.address),
        )
        return signing_in.page(record, shown)

    def _ask_for_consent(self, asking: Asking, session: SessionRecord) -> Response:
        browser = forms.browser_of(flask.request)
        purpose = forms.purpose_of(asking.tenant.name, CONSENT)
        data = {**asking.as_data(), "sid": session.sid}
        return pages.render(
            "consent.html",
            asking.tenant,
            form_action=answers.leads_to(asking.asked.address),
            form=forms.seal(self._authority, purpose, data, browser),
            client_name=asking.client_name,
            subject=session.subject,
            scope=[(_SCOPE_TEXTS.get(word, ""), word) for word in asking.asked.scope],
            destination=answers.destination(asking.asked.address),
        )

    def _mint(self, asking: Asking, session: SessionRecord) -> str:
        asked = asking.asked
        authorization = Authorization(
            tenant_id=asking.tenant.id,
            client_id=asked.client_id,
            epochs=Epochs.carried_by(asking.tenant, asking.client, session.subject_epoch),
            scope=asked.scope,
            subject=session.subject,
            session_sid=session.sid,
            auth_time=session.auth_time,
        )
        return codes.mint(
            self._authority,
            authorization,
            redirect_uri=asked.address.redirect_uri,
            code_challenge=asked.code_challenge,
            nonce=asked.nonce,
        )

    def _succeed(self, asking: Asking, code: str) -> Response:
        address = asking.asked.address
        issuer = self._authority.settings.issuer(asking.tenant.name)
        return answers.answer(asking.tenant, address, protocol.success(address, issuer, code))

    def _refuse(self, tenant: TenantRecord, address: ReturnAddress, error: RedirectedError) -> Response:
        issuer = self._authority.settings.issuer(tenant.name)
        return answers.answer(tenant, address, protocol.failure(address, issuer, error))


def _with_cookie(response: Response, tenant: TenantRecord, admitted: Admitted | None) -> Response:
    if admitted is not None and admitted.new_cookie is not None:
        sessions.set_cookie(response, tenant, admitted.new_cookie)
    return response


def _needs(code: str, what: str) -> RedirectedError:
    return RedirectedError(code, f"The person would have to {what} first.")


def _asked(data: dict[str, Any]) -> AuthorizationRequest:
    return AuthorizationRequest(
        **{
            **data,
            "address": ReturnAddress(**data["address"]),
            "scope": tuple(data["scope"]),
            "prompt": frozenset(data["prompt"]),
        }
    )


def _query(request: Request) -> bytes:
    """Give the parameters of a request: those of the query and, of a POST, those of the body."""
    if request.method != "POST":
        return request.query_string
    if request.mimetype != "application/x-www-form-urlencoded":
        raise ProblemError(400)
    return b"&".join(part for part in (request.query_string, bodies.read_body(request)) if part)
