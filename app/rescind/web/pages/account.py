"""The account page: what a person has given to clients, where they are signed in, and the ends of it."""

from typing import Any

import flask
from flask import Response

from rescind.domain.authority import Authority
from rescind.domain.people import own_password
from rescind.domain.people.own_password import WrongPassword
from rescind.domain.revoking import access, logout, revocation, selectors
from rescind.domain.revoking.causes import ACCESS_REMOVED, SIGN_OUT_EVERYWHERE, Cause
from rescind.errors import BadValue, SignInThrottled, TooBusy
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies, forms, overview, rendering, sessions, signing_in, signing_out, themes
from rescind.web.pages.hosts import Host
from rescind.web.pages.overview import END_SESSION, REMOVE_ACCESS
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id


class AccountPages:
    """The page and its forms, for all tenants."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def account(self, tenant: str) -> Response:
        """Show a person what is connected, and every session of theirs."""
        if flask.request.method not in {"GET", "HEAD"}:
            raise ProblemError(405, allow="GET, HEAD")
        record = tenancy.admit(self._authority, tenant).tenant
        admitted = sessions.admit(self._authority, record, flask.request, self._host)
        if admitted is None:
            return signing_in.ask(self._authority, self._host, record)
        return sessions.keep(overview.page(self._authority, record, admitted.session), record, admitted)

    def remove_access(self, tenant: str) -> Response:
        """End all that the person has given to one client."""
        record, session, data = self._posted(tenant, REMOVE_ACCESS)
        cause = _cause(ACCESS_REMOVED, session)
        access.disconnect(self._authority, record, session.subject, data["client_id"], cause)
        return rendering.redirect(f"{cookies.tenant_path(record)}/account")

    def end_session(self, tenant: str) -> Response:
        """End one session of the person's, this one or another."""
        record, session, data = self._posted(tenant, END_SESSION)
        logout.end_session(
            self._authority,
            record,
            data["ends"],
            actor=f"subject:{session.subject}",
            request_id=request_id(flask.request),
        )
        if data["ends"] != session.sid:
            return rendering.redirect(f"{cookies.tenant_path(record)}/account")
        return self._signed_out(record, " at this browser.")

    def change_password(self, tenant: str) -> Response:
        """Give the person a new password, and end their other sessions."""
        fields, record, session, _ = self._sent(tenant, overview.PASSWORD)
        current, new = fields.get("password", ""), fields.get("new_password", "")
        request = flask.request
        try:
            own_password.change(
                self._authority,
                record,
                session,
                current,
                new,
                address=request.remote_addr or "",
                request_id=request_id(request),
            )
        except (BadValue, WrongPassword) as error:
            return overview.page(self._authority, record, session, 400, password_error=str(error))
        except (SignInThrottled, TooBusy) as error:
            status = 429 if isinstance(error, SignInThrottled) else 503
            response = overview.page(self._authority, record, session, status, password_error=str(error))
            response.headers["Retry-After"] = str(error.retry_after_seconds)
            return response
        done = overview.done_with_password(self._authority, record, session)
        return rendering.redirect(f"{cookies.tenant_path(record)}/account?{overview.DONE}={done}")

    def sign_out_everywhere(self, tenant: str) -> Response:
        """End every session and grant of the person's, at once."""
        record, session, _ = self._posted(tenant, SIGN_OUT_EVERYWHERE)
        selector = selectors.Subject(record.name, session.subject)
        revocation.revoke(self._authority, selector, _cause(SIGN_OUT_EVERYWHERE, session))
        return self._signed_out(record, " everywhere, and no app has access any more.")

    def style(self, tenant: str) -> Response:
        """Give the stylesheet of a tenant's pages."""
        if flask.request.method not in {"GET", "HEAD"}:
            raise ProblemError(405, allow="GET, HEAD")
        record = tenancy.admit(self._authority, tenant).tenant
        return rendering.stylesheet(themes.theme_of(self._authority, record))

    def _posted(self, tenant: str, action: str) -> tuple[TenantRecord, SessionRecord, dict[str, Any]]:
        """Read a form that has no fields; see `_sent`."""
        return self._sent(tenant, action)[1:]

    def _sent(
        self, tenant: str, action: str
    ) -> tuple[dict[str, str], TenantRecord, SessionRecord, dict[str, Any]]:
        """Read a form of the page. It is good for the session that it was shown to.

        Raises:
            StaleForm: that is not the session of this browser, or it has ended.
        """
        fields, data = forms.read_sealed(self._authority, flask.request, tenant, action)
        record = tenancy.admit(self._authority, tenant).tenant
        session = sessions.shown_to(self._authority, record, flask.request, self._host, data["sid"])
        return fields, record, session, data

    def _signed_out(self, tenant: TenantRecord, where: str) -> Response:
        response = signing_out.page(tenant, self._host, where)
        sessions.clear_cookie(response, tenant)
        return response


def _cause(name: str, session: SessionRecord) -> Cause:
    return Cause(name, f"subject:{session.subject}", request_id=request_id(flask.request))
