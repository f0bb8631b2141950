"""RFC 6749 section 6, Refreshing an Access Token, with the rotation of RFC 9700 section 4.14.2."""

from typing import Any

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.hooks import hooked

from rescind.domain.tokens.issuing import still_allowed
from rescind.domain.tokens.refreshing import refresh
from rescind.errors import TokenRefused
from rescind.protocol import scopes, tokens
from rescind.protocol.openid_connect_core import IDTokenResponse
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from rescind.protocol.token_responses import token_response


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """Every use replaces the refresh token; the return of a replaced one ends its grant."""

    request: TenantRequest

    def validate_token_request(self) -> None:
        """Find the token and check that it is this client's.

        A foreign token is refused like an unknown one, and nothing happens to it. A token that can't be
        rotated is not checked for its scope: what became of it is decided first.

        Raises:
            UnauthorizedClient: the client is not registered for this grant type.
            InvalidRequest: there is no refresh token in the request.
            InvalidGrant: it is unknown, an access token, or another client's; or the client may have nothing
                any more of what it was given, and the token stays usable.
            InvalidScope: see `scopes.narrowed`; the token stays usable.
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
        self._scope = token.record.grant.scope
        if token.record.is_active:
            self._scope = self._given(token.record.grant.scope)

    def _given(self, granted: tuple[str, ...]) -> tuple[str, ...]:
        """Give what is asked for of what was granted, and of that what the client may have still."""
        try:
            allowed = still_allowed(granted, self.request.authenticated_client.record)
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return scopes.narrowed(self.request.form.get("scope"), allowed)

    @hooked
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Rotate, commit, then answer.

        Raises:
            InvalidGrant: the token can't be used. If it was used before, its grant has ended by now.
        """
        id_token = IDTokenResponse(self.server.authority, self.request)
        try:
            issued = refresh(
                self.server.authority,
                self.request.tenant,
                self._presented,
                self._record,
                self._scope,
                self.request.received.request_id,
                before_use=id_token.get_ready,
            )
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return 200, token_response(issued, id_token.write(issued)), self.TOKEN_RESPONSE_HEADER
