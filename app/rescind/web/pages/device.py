"""RFC 8628 section 3.3: people type the code that a device shows, and say yes or no to it."""

from typing import Any

import flask
from flask import Response

from rescind.domain.authority import Authority
from rescind.domain.people import user_codes
from rescind.domain.people.display_names import display_name
from rescind.domain.registry import scope_texts
from rescind.domain.registry.registration import DEVICE_CODE
from rescind.errors import CodesThrottled
from rescind.store.device_records import DeviceRecord
from rescind.store.records import ClientRecord, SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import forms, problems, publishers, rendering, sessions, signing_in
from rescind.web.pages.forms import StaleForm
from rescind.web.pages.hosts import Host
from rescind.web.wire.replies import ProblemError

PATH = "device"
CODE, DECISION = "device-code", "device-decision"
_UNKNOWN = "There is no such code, or it is no longer good. Look at your device: it may show another by now."
_STOPPED = "The application on your device was stopped by whoever runs this server. Nothing was decided."
_BEGUN_AT = "the device in front of you"
_LONGEST_SHOWN = 20


class DevicePages:
    """The page and its two forms, for all tenants."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def device(self, tenant: str) -> Response:
        """Ask for the code, with the one in the address typed already; and take it."""
        if flask.request.method == "POST":
            return self._typed(tenant)
        if flask.request.method not in {"GET", "HEAD"}:
            raise ProblemError(405, allow="GET, HEAD, POST")
        record = tenancy.admit(self._authority, tenant).tenant
        typed = flask.request.args.get("user_code", "")[:_LONGEST_SHOWN]
        admitted = sessions.admit(self._authority, record, flask.request, self._host)
        if admitted is None:
            return signing_in.ask(self._authority, self._host, record, back=_address(typed))
        return sessions.keep(self._page(record, admitted.session, typed), record, admitted)

    def device_decision(self, tenant: str) -> Response:
        """Take what the person says. The form is good for the session that it was shown to."""
        fields, data = forms.read_sealed(self._authority, flask.request, tenant, DECISION)
        record, session = self._session(tenant, data)
        code, grant_id = data["code"], data["grant"]
        match fields.get("decision"):
            case "allow":
                is_done = user_codes.allow(self._authority, record, session, code, grant_id)
            case "deny":
                is_done = user_codes.deny(self._authority, record, code, grant_id)
            case _:
                raise StaleForm
        if not is_done:
            client = tenancy.admit(self._authority, tenant, data["client"]).client
            is_stopped = client is not None and client.disabled_at is not None
            if is_stopped:
                return problems.problem(record, _STOPPED)
            return problems.problem(record, _UNKNOWN, advice="Begin anew on the device.")
        return rendering.render("device_done.html", record, is_allowed=fields["decision"] == "allow")

    def _typed(self, tenant: str) -> Response:
        fields, data = forms.read_sealed(self._authority, flask.request, tenant, CODE)
        record, session = self._session(tenant, data)
        typed, address = fields.get("user_code", ""), flask.request.remote_addr or ""
        try:
            found = user_codes.find(self._authority, record, typed, session, address)
        except CodesThrottled as error:
            response = self._page(record, session, typed, str(error), 429)
            response.headers["Retry-After"] = str(error.retry_after_seconds)
            return response
        named = found.client_id if found is not None else None
        client = tenancy.admit(self._authority, tenant, named).client
        if found is None or client is None or DEVICE_CODE not in client.grant_types:
            return self._page(record, session, typed[:_LONGEST_SHOWN], _UNKNOWN, 400)
        return self._consent(record, session, client, found, user_codes.normalised(typed) or "")

    def _session(self, tenant: str, data: dict[str, Any]) -> tuple[TenantRecord, SessionRecord]:
        record = tenancy.admit(self._authority, tenant).tenant
        session = sessions.shown_to(self._authority, record, flask.request, self._host, data["sid"])
        return record, session

    def _page(
        self, record: TenantRecord, session: SessionRecord, typed: str, error: str = "", status: int = 200
    ) -> Response:
        form = self._seal(record, CODE, session)
        shown = {"form": form, "typed": typed, "error": error, "subject": session.subject}
        return rendering.render("device.html", record, status, **shown)

    def _consent(
        self,
        record: TenantRecord,
        session: SessionRecord,
        client: ClientRecord,
        found: DeviceRecord,
        code: str,
    ) -> Response:
        about = {"code": code, "grant": found.grant_id, "client": client.client_id}
        publisher = publishers.publisher_of(client)
        return rendering.render(
            "device_consent.html",
            record,
            logo=publisher.logo,
            form=self._seal(record, DECISION, session, **about),
            publisher=publisher,
            person=display_name(self._authority, record, session.subject),
            subject=session.subject,
            code=user_codes.shown(code),
            scope=scope_texts.said(self._authority, record, found.scope),
            audience=found.audience or (),
            destination=_BEGUN_AT,
            is_answered_here=False,
        )

    def _seal(self, record: TenantRecord, action: str, session: SessionRecord, **data: str) -> str:
        purpose, browser = forms.purpose_of(record.name, action), forms.browser_of(flask.request, record.name)
        return forms.seal(self._authority, purpose, {"sid": session.sid, **data}, browser)


def _address(typed: str) -> str:
    """Give the address of the page, behind that of the tenant; a code in it is one or is left out."""
    code = user_codes.normalised(typed)
    return f"/{PATH}?user_code={user_codes.shown(code)}" if code else f"/{PATH}"
