"""`/t/<tenant>/oauth2/userinfo`: OpenID Connect Core section 5.3."""

from functools import partial

import flask
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.domain.people import personal_tokens
from rescind.protocol import openid_connect_core
from rescind.store.records import Admitted
from rescind.web.endpoints import protection, tenancy
from rescind.web.wire import cors, replies
from rescind.web.wire.replies import ProblemError


class Userinfo:
    """The endpoint of all tenants."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def userinfo(self, tenant: str) -> Response:
        """Tell who the subject of an access token is."""
        request = flask.request
        shown: str | None = None
        error: OAuth2Error | None = None
        try:
            shown = protection.shown_token(request)
        except OAuth2Error as found:
            error = found
        admitted = tenancy.admit(self._authority, tenant, token=shown, with_person=True)
        reply = partial(replies.answering, self._reply, request, admitted, error)
        return cors.shared(self._authority, request, admitted.tenant.id, "GET, POST", reply)

    def _reply(self, request: Request, admitted: Admitted, error: OAuth2Error | None) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD, POST"))
        if error is not None:
            raise error
        claims = openid_connect_core.userinfo(self._authority, admitted)
        self._authority.store.vouch(admitted.tenant.standing, admitted.tenant.id)
        personal_tokens.note_use(self._authority, admitted.tenant.id, admitted.token)
        return replies.json_reply(200, claims)
