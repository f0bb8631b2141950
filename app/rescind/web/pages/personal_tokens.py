"""The page of a person's own access tokens: make one, see them, take one back."""

from typing import Any

import flask
from flask import Response

from rescind.domain.authority import Authority
from rescind.domain.people import personal_tokens
from rescind.domain.people.personal_tokens import CLIENT_ID
from rescind.domain.registry import scope_texts
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import ACCESS_REMOVED, Cause
from rescind.domain.secrets import new_id
from rescind.errors import BadValue, ClientDisabled
from rescind.store.records import Admitted, SessionRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import forms, rendering, sessions, signing_in
from rescind.web.pages.hosts import Host
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

PATH = "/account/tokens"
MAKE, REVOKE = "make-token", "revoke-token"
_SCOPE = "scope_"
_DAYS = (30, 7, 90, personal_tokens.LONGEST_DAYS)


class PersonalTokenPages:
    """The page and its two forms, for all tenants; not there where they are off."""

    def __init__(self, authority: Authority, host: Host | None) -> None:
        self._authority = authority
        self._host = host

    def personal_tokens(self, tenant: str) -> Response:
        """Show a person their tokens, and make another."""
        if flask.request.method == "POST":
            return self._make(tenant)
        if flask.request.method not in {"GET", "HEAD"}:
            raise ProblemError(405, allow="GET, HEAD, POST")
        admitted = self._admitted(tenant)
        known = sessions.admit(self._authority, admitted.tenant, flask.request, self._host)
        if known is None:
            return signing_in.ask(self._authority, self._host, admitted.tenant, back=PATH)
        return sessions.keep(self._page(admitted, known.session), admitted.tenant, known)

    def revoke_personal_token(self, tenant: str) -> Response:
        """End one of them."""
        _, data = forms.read_sealed(self._authority, flask.request, tenant, REVOKE)
        admitted, session = self._posted(tenant, data)
        cause = Cause(ACCESS_REMOVED, f"subject:{session.subject}", request_id=request_id(flask.request))
        revocation.revoke(self._authority, selectors.Grant(tenant, data["grant"]), cause)
        return self._page(admitted, session)

    def _make(self, tenant: str) -> Response:
        fields, data = forms.read_sealed(self._authority, flask.request, tenant, MAKE)
        admitted, session = self._posted(tenant, data)
        days = fields.get("days", "")
        try:
            token = personal_tokens.create(
                self._authority,
                admitted.tenant,
                admitted.client,
                session,
                grant_id=data["grant"],
                name=fields.get("name", ""),
                scope=tuple(word for name, word in fields.items() if name.startswith(_SCOPE)),
                days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
            )
        except BadValue as error:
            return self._page(admitted, session, error=str(error), status=400)
        except ClientDisabled:
            # They were turned off while this request was under way.
            raise ProblemError(404) from None
        return self._page(admitted, session, made=token)

    def _admitted(self, tenant: str) -> Admitted:
        admitted = tenancy.admit(self._authority, tenant, CLIENT_ID)
        if not personal_tokens.is_open(admitted.client):
            raise ProblemError(404)
        return admitted

    def _posted(self, tenant: str, data: dict[str, Any]) -> tuple[Admitted, SessionRecord]:
        admitted = self._admitted(tenant)
        session = sessions.shown_to(self._authority, admitted.tenant, flask.request, self._host, data["sid"])
        return admitted, session

    def _page(
        self,
        admitted: Admitted,
        session: SessionRecord,
        *,
        made: str = "",
        error: str = "",
        status: int = 200,
    ) -> Response:
        record = admitted.tenant
        offered = admitted.client.scope if admitted.client is not None else ()

        def sealed(action: str, **data: str) -> str:
            purpose, browser = (
                forms.purpose_of(record.name, action),
                forms.browser_of(flask.request, record.name),
            )
            return forms.seal(self._authority, purpose, {"sid": session.sid, **data}, browser)

        texts = scope_texts.list_all(self._authority, record)
        known = personal_tokens.list_of(self._authority, record, session.subject)
        return rendering.render(
            "personal_tokens.html",
            record,
            status,
            subject=session.subject,
            made=made,
            error=error,
            # A form makes one token, however often it is sent.
            form=sealed(MAKE, grant=new_id()),
            days=_DAYS,
            scope=[(f"{_SCOPE}{at}", word, texts.get(word, "")) for at, word in enumerate(offered)],
            tokens=[(each, sealed(REVOKE, grant=each.grant_id)) for each in known],
        )
