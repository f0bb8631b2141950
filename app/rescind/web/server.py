"""Authlib's authorization server, with all that it leaves to its users or that is not strict enough."""

from collections.abc import Collection, Iterable
from typing import Any, cast

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response

from rescind.domain.authority import Authority
from rescind.errors import ClientDisabled
from rescind.protocol.clients import ALL_METHODS, AuthenticatedClient, Place, authenticate
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_authorization_code import AuthorizationCodeGrant
from rescind.protocol.rfc6749_client_credentials import ClientCredentialsGrant
from rescind.protocol.rfc6749_errors import DisabledClient, InvalidRequest, UnsupportedGrantType
from rescind.protocol.rfc6749_refresh_token import RefreshTokenGrant
from rescind.protocol.rfc7009_revocation import Revocation
from rescind.protocol.rfc7662_introspection import Introspection
from rescind.protocol.rfc8628_device_code import DeviceAuthorization, DeviceCodeGrant
from rescind.web.wire import replies

TOKEN_GRANTS = (AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant, DeviceCodeGrant)


class Server(AuthorizationServer):
    """One for all tenants: the tenant travels on the request. Holds no state of any request."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self.authority = authority
        for grant in TOKEN_GRANTS:
            self.register_grant(grant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_endpoint(DeviceAuthorization)

    def create_oauth2_request(self, request: TenantRequest) -> TenantRequest:
        """Take the request as the view has made it; Authlib's own would read `flask.request`."""
        return request

    def authenticate_client(
        self, request: TenantRequest, methods: Collection[str], endpoint: str = "token"
    ) -> AuthenticatedClient:
        """Authenticate the client, once a request.

        Raises:
            DisabledClient: an operator has disabled it, and it is not there to revoke.
            InvalidClient: it is not shown to be who it says.
            TooManyFailures: too many have failed to show so.
        """
        if request.client is None:
            received = request.received
            place = Place(received.tenant, received.issuer, received.address, received.holder, methods)
            request.client = authenticate(self.authority, place, received.presented, received.known_client)
        if request.client.record.disabled_at is not None and endpoint != Revocation.ENDPOINT_NAME:
            raise DisabledClient
        return request.client

    def create_token_response(self, request: TenantRequest) -> Response:
        """Answer the token endpoint. The client is authenticated before any parameter is looked at."""
        try:
            self.authenticate_client(request, ALL_METHODS)
            response: Any = super().create_token_response(request)
        except ClientDisabled:
            # While this request was under way.
            response = self.handle_error_response(request, DisabledClient())
        except OAuth2Error as error:
            response = self.handle_error_response(request, error)
        return cast(Response, response)

    def endpoint_response(self, name: str, request: TenantRequest) -> Response:
        """Answer one of the endpoints that are registered by a name."""
        response: Response = cast(Any, self).create_endpoint_response(name, request)
        return response

    def get_token_grant(self, request: TenantRequest) -> Any:
        """Find the grant for the request.

        Raises:
            InvalidRequest: the grant type is missing.
            UnsupportedGrantType: it is unknown. Authlib's own error repeats what was sent.
        """
        if "grant_type" not in request.form:
            raise InvalidRequest("The parameter grant_type is missing.")
        if not any(grant.check_token_endpoint(request) for grant in TOKEN_GRANTS):
            raise UnsupportedGrantType
        return super().get_token_grant(request)

    def handle_response(
        self, status_code: int, payload: dict[str, Any] | bytes, headers: Iterable[tuple[str, str]]
    ) -> Response:
        """Turn what a grant or endpoint gives into a response."""
        if isinstance(payload, dict):
            return replies.json_reply(status_code, payload, headers)
        return replies.empty_reply(status_code, accept=flask.request.headers.get("Accept"))
