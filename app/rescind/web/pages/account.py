"""The account page: what a person has given to clients, where they are signed in, and the ends of it."""

from typing import Any

import flask
from flask import Response

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import connected, personal_tokens
from rescind.domain.revoking import access, logout, revocation, selectors
from rescind.domain.revoking.causes import ACCESS_REMOVED, SIGN_OUT_EVERYWHERE, Cause
from rescind.store import sessions as session_rows
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies, forms, rendering, sessions, signing_in, signing_out, themes
from rescind.web.pages.hosts import Host
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

REMOVE_ACCESS = "remove-access"
END_SESSION = "end-session"
MOST_SESSIONS = 100


class AccountPages:
    """The page and its three forms, for all tenants."""

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
        return sessions.keep(self._page(record, admitted.session), record, admitted)

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
        """Read a form of the page. It is good for the session that it was shown to.

        Raises:
            StaleForm: that is not the session of this browser, or it has ended.
        """
        _, data = forms.read_sealed(self._authority, flask.request, tenant, action)
        record = tenancy.admit(self._authority, tenant).tenant
        session = sessions.shown_to(self._authority, record, flask.request, self._host, data["sid"])
        return record, session, data

    def _signed_out(self, tenant: TenantRecord, where: str) -> Response:
        response = signing_out.page(tenant, self._host, where)
        sessions.clear_cookie(response, tenant)
        return response

    def _page(self, record: TenantRecord, session: SessionRecord) -> Response:
        browser = forms.browser_of(flask.request, record.name)

        def sealed(action: str, **data: str) -> str:
            purpose = forms.purpose_of(record.name, action)
            return forms.seal(self._authority, purpose, {"sid": session.sid, **data}, browser)

        given = [
            each
            for each in connected.list_connected(self._authority, record, session.subject)
            # They have a page of their own.
            if each.client_id != personal_tokens.CLIENT_ID
        ]
        with self._authority.store.reading() as tx:
            live = session_rows.list_live(tx, record.id, session.subject, limit=MOST_SESSIONS)
        return rendering.render(
            "account.html",
            record,
            subject=session.subject,
            connected=[
                {
                    "name": names.name_to_show(each.name, each.client_id),
                    "scope": each.scope,
                    "given_at": each.given_at,
                    "token_issued_at": each.token_issued_at,
                    "form": sealed(REMOVE_ACCESS, client_id=each.client_id),
                }
                for each in sorted(
                    given, key=lambda each: names.name_to_show(each.name, each.client_id).casefold()
                )
            ],
            sessions=[
                {
                    "auth_time": each.auth_time,
                    "is_this": each.sid == session.sid,
                    "form": sealed(END_SESSION, ends=each.sid),
                }
                for each in live
            ],
            has_personal_tokens=personal_tokens.is_on(self._authority, record),
            everywhere_form=sealed(SIGN_OUT_EVERYWHERE),
        )


def _cause(name: str, session: SessionRecord) -> Cause:
    return Cause(name, f"subject:{session.subject}", request_id=request_id(flask.request))
