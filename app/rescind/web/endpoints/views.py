"""The views: from a Flask request to what the protocol works with, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import flask
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.domain.registry import keys
from rescind.protocol import clients, forms, openid_connect_core
from rescind.protocol.requests import Received, TenantRequest
from rescind.protocol.rfc8414_metadata import metadata
from rescind.store.records import ClientRecord, TenantRecord
from rescind.web.endpoints import protection, tenancy
from rescind.web.server import Server
from rescind.web.wire import bodies, cors, replies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id


@dataclass(frozen=True, slots=True)
class Posted:
    """A POST request that was read, or the error that came of reading it."""

    form: Mapping[str, str]
    presented: clients.Presented
    error: Exception | None = None


_KEEP = ("Cache-Control", f"public, max-age={keys.CACHE_SECONDS}")
_UNREADABLE = clients.Presented(None, None)


class Endpoints:
    """The endpoints of all tenants."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._authority = server.authority

    def token(self, tenant: str) -> Response:
        """RFC 6749 section 3.2: issue tokens."""
        recognised = forms.CLIENT_PARAMETERS | forms.GRANT_PARAMETERS
        return self._post(tenant, recognised, self._server.create_token_response)

    def revoke(self, tenant: str) -> Response:
        """RFC 7009: end a token."""
        recognised = forms.CLIENT_PARAMETERS | forms.TOKEN_PARAMETERS
        return self._post(tenant, recognised, partial(self._named, "revocation"))

    def introspect(self, tenant: str) -> Response:
        """RFC 7662: tell whether a token is active. Servers ask this, not pages, so there is no CORS."""
        recognised = forms.CLIENT_PARAMETERS | forms.TOKEN_PARAMETERS
        return self._post(tenant, recognised, partial(self._named, "introspection"), has_cors=False)

    def metadata(self, tenant: str) -> Response:
        """RFC 8414, and OpenID Connect Discovery: describe the tenant's server."""
        request = flask.request
        record, _ = tenancy.admit(self._authority, tenant)
        reply = partial(self._metadata_reply, request, record)
        return cors.shared(self._authority, request, record.id, "GET", reply, is_public=True)

    def _metadata_reply(self, request: Request, tenant: TenantRecord) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD"))
        return replies.json_reply(200, metadata(self._authority.settings.issuer(tenant.name)), [_KEEP])

    def jwks(self, tenant: str) -> Response:
        """OpenID Connect Core section 10.1: give the public keys with which the tenant signs."""
        request = flask.request
        record, _ = tenancy.admit(self._authority, tenant)
        reply = partial(replies.answering, self._jwks_reply, request, record)
        return cors.shared(self._authority, request, record.id, "GET", reply, is_public=True)

    def _jwks_reply(self, request: Request, tenant: TenantRecord) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD"))
        return replies.json_reply(200, keys.public_jwks(self._authority, tenant.id), [_KEEP])

    def userinfo(self, tenant: str) -> Response:
        """OpenID Connect Core section 5.3: tell who the subject of an access token is."""
        request = flask.request
        record, _ = tenancy.admit(self._authority, tenant)
        reply = partial(replies.answering, self._userinfo_reply, request, record)
        return cors.shared(self._authority, request, record.id, "GET, POST", reply)

    def _userinfo_reply(self, request: Request, tenant: TenantRecord) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD, POST"))
        token = protection.shown_token(request)
        return replies.json_reply(200, openid_connect_core.userinfo(self._authority, tenant, token))

    def _post(
        self,
        tenant_name: str,
        recognised: frozenset[str],
        answer: Callable[[TenantRequest], Response],
        *,
        has_cors: bool = True,
    ) -> Response:
        request = flask.request
        posted = _read(request, recognised)
        # An unknown tenant is 404 whatever else is wrong, and the client comes with the same statement.
        tenant, client = tenancy.admit(self._authority, tenant_name, posted.presented.client_id)
        reply = partial(self._reply, request, posted, tenant, client, answer)
        if not has_cors:
            return reply()
        return cors.shared(self._authority, request, tenant.id, "POST", reply)

    def _reply(
        self,
        request: Request,
        posted: Posted,
        tenant: TenantRecord,
        client: ClientRecord | None,
        answer: Callable[[TenantRequest], Response],
    ) -> Response:
        if posted.error is not None:
            return replies.error_reply(posted.error)
        issuer = self._authority.settings.issuer(tenant.name)
        received = Received(tenant, issuer, posted.form, posted.presented, client, request_id(request))
        return replies.answering(answer, TenantRequest(received))

    def _named(self, endpoint: str, request: TenantRequest) -> Response:
        response: Response = cast(Any, self._server).create_endpoint_response(endpoint, request)
        return response


def _read(request: Request, recognised: frozenset[str]) -> Posted:
    """Read a POST request, in the order of the contract; an error waits until the tenant is known."""
    try:
        if request.method != "POST":
            raise ProblemError(405, allow="POST")
        body = bodies.read_body(request)
        form = forms.read_form(
            body, request.headers.get("Content-Type", ""), request.query_string.decode("latin-1"), recognised
        )
        return Posted(form, clients.present(request.headers.get("Authorization"), form))
    except (ProblemError, OAuth2Error) as error:
        return Posted({}, _UNREADABLE, error)
