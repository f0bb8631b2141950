"""The authorize endpoint: who is it, do they allow it, and then back to the client with a code."""

from dataclasses import replace
from typing import Any

import flask
from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.domain.people import connected, sign_in
from rescind.domain.revoking import logout
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.tokens import codes
from rescind.domain.tokens.issuing import Authorization
from rescind.errors import SignInRefused, SignInThrottled, TooBusy
from rescind.protocol import documented_clients
from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.forms import write_query
from rescind.protocol.openid_connect_hints import with_hint
from rescind.protocol.rfc6749_authorize import RedirectedError, ReturnAddress, ShownError
from rescind.protocol.rfc8252_native_apps import is_only_the_clients, may_be_led_to
from rescind.protocol.rfc8707_resource_indicators import with_resources
from rescind.store.records import ClientRecord, SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import (
    answers,
    asking,
    consenting,
    forms,
    problems,
    rendering,
    sessions,
    signing_in,
    user_agents,
)
from rescind.web.pages.asking import Asking
from rescind.web.pages.forms import StaleForm
from rescind.web.pages.hosts import Host
from rescind.web.pages.sessions import Admitted
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

CONSENT = "consent"
SWITCH_ACCOUNT = "switch-account"
# In the consent form: whether the person has signed in for this very request.
_IS_FRESH = "is_fresh"


class AuthorizePages:
    """The endpoint, and the forms that it shows, for all tenants."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def authorize(self, tenant: str) -> Response:
        """RFC 6749 section 3.1: take an authorization request."""
        request = flask.request
        # Not HEAD: an answer with a code is no safe one to ask for (RFC 9110 section 9.2.1).
        if request.method not in {"GET", "POST"}:
            raise ProblemError(405, allow="GET, POST")
        problems.refuse_ahead(request)
        if problems.is_too_long(request):
            raise ProblemError(414)
        try:
            parameters = protocol.read(asking.query_of(request))
        except ShownError as error:
            record = tenancy.admit(self._authority, tenant).tenant
            return problems.problem(record, str(error))
        if request.method == "POST":
            # From another site a browser sends no SameSite=Lax cookie with a POST, but with what follows it.
            record = tenancy.admit(self._authority, tenant).tenant
            return problems.ask_again(record, asking.address(record, asking.query_of(request)))
        admission = asking.admit(self._authority, tenant, parameters.client_id, parameters.resources)
        record, client = admission.tenant, admission.client
        try:
            address = protocol.return_address(parameters, client)
        except ShownError as error:
            return problems.problem(record, str(error))
        assert client is not None  # noqa: S101
        try:
            asked = protocol.check(parameters, client, address)
            asked = with_resources(asked, parameters, admission.resources or ())
            asked = with_hint(self._authority, record, parameters, asked)
        except RedirectedError as error:
            return self._refuse_at_once(record, client, address, error)
        admitted = sessions.admit(self._authority, record, request, self._host)
        response = self._go_on(Asking(record, client, asked), admitted, parameters.values)
        return sessions.keep(response, record, admitted)

    def sign_in(self, tenant: str) -> Response:
        """Take the sign-in form, which an authorization request or the account page has shown."""
        request = flask.request
        if self._host is not None:
            raise ProblemError(404)
        fields, data = self._read(request, tenant, signing_in.PURPOSE)
        taken = asking.take_up(self._authority, tenant, data) if "asked" in data else None
        record = taken.tenant if taken else tenancy.admit(self._authority, tenant).tenant
        username, password = fields.get("username", ""), fields.get("password", "")
        shown = signing_in.shown_for(self._authority, taken, fields[forms.FIELD], username)
        try:
            signed_in = sign_in.sign_in(
                self._authority,
                record,
                username,
                password,
                address=request.remote_addr or "",
                request_id=request_id(request),
                at_browser=sessions.live(self._authority, record, request),
                user_agent=user_agents.described(request),
            )
        except SignInRefused as error:
            return signing_in.page(record, replace(shown, error=str(error)), 400)
        except (SignInThrottled, TooBusy) as error:
            status = 429 if isinstance(error, SignInThrottled) else 503
            response = signing_in.page(record, replace(shown, error=str(error)), status)
            response.headers["Retry-After"] = str(error.retry_after_seconds)
            return response
        session = sessions.by_cookie(self._authority, record, signed_in.cookie)
        if session is None:
            # Ended while the password was being checked.
            raise StaleForm
        admitted = Admitted(session, signed_in.cookie)
        if taken is None:
            response = rendering.redirect(signing_in.back_to(record, data))
        else:
            response = self._go_on(taken, admitted, {}, is_fresh=True)
        return sessions.keep(response, record, admitted)

    def consent(self, tenant: str) -> Response:
        """Take the consent form. It is good for the session that it was shown to."""
        fields, data, taken, session = self._decided(tenant, CONSENT)
        is_fresh = data.get(_IS_FRESH) is True
        match fields.get("decision"):
            case "allow" if taken.asked.is_met_by(session.auth_time, taken.tenant.read_at, is_fresh=is_fresh):
                return self._succeed(taken, self._mint(taken, session))
            case "allow":
                return self._ask_to_sign_in_again(taken, session)
            case "deny":
                error = RedirectedError("access_denied", "The person at the browser said no.")
                return self._refuse(taken.tenant, taken.asked.address, error)
        raise StaleForm

    def switch_account(self, tenant: str) -> Response:
        """Sign out who is asked for consent, and ask somebody to sign in for the same request."""
        _, _, taken, session = self._decided(tenant, SWITCH_ACCOUNT)
        actor = f"subject:{session.subject}"
        logout.end_session(
            self._authority, taken.tenant, session.sid, actor=actor, request_id=request_id(flask.request)
        )
        response = problems.ask_again(taken.tenant, _again(taken))
        sessions.clear_cookie(response, taken.tenant)
        return response

    def _decided(
        self, tenant: str, action: str
    ) -> tuple[dict[str, str], dict[str, Any], Asking, SessionRecord]:
        """Read a form of the consent page.

        Raises:
            StaleForm: it was shown to another session than the one of this browser.
        """
        request = flask.request
        fields, data = self._read(request, tenant, action)
        taken = asking.take_up(self._authority, tenant, data)
        session = sessions.shown_to(self._authority, taken.tenant, request, self._host, data["sid"])
        return fields, data, taken, session

    def _read(self, request: Request, tenant: str, purpose: str) -> tuple[dict[str, str], dict[str, Any]]:
        return forms.read_sealed(self._authority, request, tenant, purpose)

    def _go_on(
        self, taken: Asking, admitted: Admitted | None, sent: Any, *, is_fresh: bool = False
    ) -> Response:
        """Ask the person what is still to be asked; with nothing left, answer the client."""
        asked, record = taken.asked, taken.tenant
        session = admitted.session if admitted is not None else None
        waits_since = signing_in.waits_since(self._authority, record, sent) if self._host else None
        if session is not None and waits_since is not None:
            is_fresh = signing_in.is_fresh(session, waits_since, record.read_at)
        if session is not None and is_fresh and not asked.is_for(session.subject):
            return self._refuse(record, asked.address, _needs("login_required", "sign in as somebody else"))
        if session is None or not (is_fresh or _suffices(taken, session)):
            if "none" in asked.prompt:
                error = _needs("login_required", "sign in")
                return self._refuse_at_once(record, taken.client, asked.address, error)
            return self._ask_to_sign_in(taken, session, has_waited=waits_since is not None)
        if "consent" not in asked.prompt and self._has_given(taken, session):
            code = self._mint(taken, session)
            # Again, now that the code is there: who takes access back meanwhile either uses the code up,
            # or has done it before this look.
            if self._has_given(taken, session):
                return self._succeed(taken, code)
        if "none" in asked.prompt:
            error = _needs("consent_required", "give consent")
            return self._refuse_at_once(record, taken.client, asked.address, error)
        return self._ask_for_consent(taken, session, is_fresh=is_fresh)

    def _has_given(self, taken: Asking, session: SessionRecord) -> bool:
        asked = taken.asked
        return is_only_the_clients(asked.address.redirect_uri, taken.client) and connected.has_given(
            *(self._authority, taken.tenant, session.subject, asked.client_id, asked.scope),
            audience=taken.audience,
        )

    def _ask_to_sign_in(self, taken: Asking, session: SessionRecord | None, *, has_waited: bool) -> Response:
        record, asked = taken.tenant, taken.asked
        if self._host is not None:
            return signing_in.send_to_host(self._authority, self._host, record, has_waited=has_waited)
        known = session.subject if session is not None else ""
        username = asked.hinted_subject or asked.login_hint or known
        form = self._seal(taken, signing_in.PURPOSE)
        shown = signing_in.shown_for(self._authority, taken, form, username)
        return signing_in.page(record, shown)

    def _ask_to_sign_in_again(self, taken: Asking, session: SessionRecord) -> Response:
        """Ask somebody who has decided so late that the sign-in before it does not do any more."""
        if self._host is None:
            return self._ask_to_sign_in(taken, session, has_waited=False)
        if taken.asked.hinted_subject is not None:
            # In the address of a request that is made anew it would be missing who it is for.
            return self._refuse(taken.tenant, taken.asked.address, _needs("login_required", "sign in again"))
        return problems.ask_again(taken.tenant, _again(taken))

    def _ask_for_consent(self, taken: Asking, session: SessionRecord, *, is_fresh: bool) -> Response:
        # Who was named by the client is the one that it wants.
        may_switch = taken.asked.hinted_subject is None
        return consenting.page(
            self._authority,
            taken,
            session.subject,
            form=self._seal(taken, CONSENT, sid=session.sid, **{_IS_FRESH: is_fresh}),
            switch_form=self._seal(taken, SWITCH_ACCOUNT, sid=session.sid) if may_switch else None,
        )

    def _seal(self, taken: Asking, action: str, **data: Any) -> str:
        tenant = taken.tenant.name
        purpose, browser = forms.purpose_of(tenant, action), forms.browser_of(flask.request, tenant)
        return forms.seal(self._authority, purpose, {**taken.as_data(), **data}, browser)

    def _mint(self, taken: Asking, session: SessionRecord) -> str:
        asked = taken.asked
        client = documented_clients.written(self._authority, taken.tenant, taken.client, since=taken.since)
        if not protocol.still_allows(asked, client):
            # Another worker was faster, and what it has fetched is newer than what was allowed here.
            raise StaleForm
        authorization = Authorization(
            tenant_id=taken.tenant.id,
            client_id=asked.client_id,
            epochs=Epochs.carried_by(taken.tenant, client, session.subject_epoch),
            scope=asked.scope,
            subject=session.subject,
            session_sid=session.sid,
            auth_time=session.auth_time,
            audience=taken.audience,
        )
        return codes.mint(
            self._authority,
            authorization,
            redirect_uri=asked.address.redirect_uri,
            code_challenge=asked.code_challenge,
            nonce=asked.nonce,
        )

    def _succeed(self, taken: Asking, code: str) -> Response:
        address = taken.asked.address
        issuer = self._authority.settings.issuer(taken.tenant.name)
        return answers.answer(taken.tenant, address, protocol.success(address, issuer, code))

    def _refuse_at_once(
        self, tenant: TenantRecord, client: ClientRecord, address: ReturnAddress, error: RedirectedError
    ) -> Response:
        """Refuse before the person has seen a page of ours: who knows where a link would lead them."""
        if may_be_led_to(address.redirect_uri, client):
            return self._refuse(tenant, address, error)
        return answers.told(self._authority, tenant, address, error)

    def _refuse(self, tenant: TenantRecord, address: ReturnAddress, error: RedirectedError) -> Response:
        issuer = self._authority.settings.issuer(tenant.name)
        return answers.answer(tenant, address, protocol.failure(address, issuer, error))


def _suffices(taken: Asking, session: SessionRecord) -> bool:
    is_who = taken.asked.is_for(session.subject)
    return is_who and not taken.asked.asks_for_sign_in(session.auth_time, taken.tenant.read_at)


def _again(taken: Asking) -> str:
    """Give the address by which the same is asked for anew, of whoever is signed in then."""
    return asking.address(taken.tenant, write_query(protocol.as_parameters(taken.asked)).encode())


def _needs(code: str, what: str) -> RedirectedError:
    return RedirectedError(code, f"The person would have to {what} first.")
