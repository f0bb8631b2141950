"""RFC 6749 section 6, Refreshing an Access Token, with the rotation of RFC 9700 section 4.14.2."""

from typing import Any

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.hooks import hooked

from rescind.domain import resources
from rescind.domain.tokens.issuing import still_allowed
from rescind.domain.tokens.refreshing import Asked, refresh
from rescind.errors import TokenRefused
from rescind.protocol import scopes, tokens
from rescind.protocol.openid_connect_core import IDTokenResponse
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from rescind.protocol.rfc8707_resource_indicators import answered_so
from rescind.protocol.token_responses import token_response


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """A use replaces the refresh token, and the return of a replaced one ends its grant; see `refreshing`."""

    request: TenantRequest

    def validate_token_request(self) -> None:
        """Find the token and check that it is this client's.

        A foreign token is refused like an unknown one, and nothing happens to it.

        Raises:
            UnauthorizedClient: the client is not registered for this grant type.
            InvalidRequest: there is no refresh token in the request.
            InvalidGrant: it is unknown, an access token, or another client's.
        """
        client = self.request.authenticated_client
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient("The client is not registered for refresh_token.")
        presented = self.request.form.get("refresh_token")
        if presented is None:
            raise InvalidRequest("The parameter refresh_token is missing.")
        token = tokens.find(self.server.authority, presented)
        if token is None or token.record.kind != "refresh" or not token.check_client(client):
            raise InvalidGrant("The refresh token is unknown, or was issued to another client.")
        self._presented, self._record = presented, token.record

    def _given(self, granted: tuple[str, ...]) -> tuple[str, ...]:
        """Give what is asked for of what was granted, and of that what the client may have still."""
        try:
            allowed = still_allowed(granted, self.request.authenticated_client.record)
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return scopes.narrowed(self.request.form.get("scope"), allowed)

    @hooked
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Refresh, commit, then answer. What became of the token is decided before its scope is looked at.

        Raises:
            InvalidGrant: the token can't be used, and what comes of that is done. Or the client may have
                nothing any more of what it was given, and the token stays usable.
            InvalidScope: see `scopes.narrowed`; the token stays usable.
            InvalidTarget: it asks for a resource that was not granted; the token stays usable.
        """
        id_token = IDTokenResponse(self.server.authority, self.request)

        def asked() -> Asked:
            scope = self._given(self._record.grant.scope)
            with answered_so():
                audience = resources.narrowed(self.request.form.resources, self._record.grant.audience)
            id_token.get_ready(scope)
            return Asked(scope, audience)

        try:
            issued = refresh(
                self.server.authority,
                self.request.tenant,
                self.request.authenticated_client.record,
                self._presented,
                self._record,
                asked,
                self.request.received.request_id,
            )
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return 200, token_response(issued, id_token.write(issued)), self.TOKEN_RESPONSE_HEADER
