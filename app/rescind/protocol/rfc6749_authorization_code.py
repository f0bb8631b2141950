"""RFC 6749 section 4.1, Authorization Code Grant, at the token endpoint; with the PKCE of RFC 7636."""

from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749.hooks import hooked

from rescind.domain.tokens.codes import Redemption, redeem
from rescind.errors import TokenRefused
from rescind.protocol.openid_connect_core import IDTokenResponse
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from rescind.protocol.rfc8707_resource_indicators import answered_so
from rescind.protocol.token_responses import token_response


class AuthorizationCodeGrant(BaseGrant, TokenEndpointMixin):
    """A code is redeemed once, by the client, with the redirect URI and for the verifier it was made for."""

    GRANT_TYPE = "authorization_code"

    request: TenantRequest

    def validate_token_request(self) -> None:
        """Check the client's right to this grant type, and that nothing is missing.

        Raises:
            UnauthorizedClient: it is not registered for it.
            InvalidRequest: a parameter is missing (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
        """
        if not self.request.authenticated_client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient("The client is not registered for authorization_code.")
        form = self.request.form
        for name in ("code", "redirect_uri", "code_verifier"):
            if name not in form:
                raise InvalidRequest(f"The parameter {name} is missing.")
        self._shown = Redemption(
            form["code"], form["redirect_uri"], form["code_verifier"], resources=form.resources
        )

    @hooked
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Redeem, commit, then answer.

        Raises:
            InvalidGrant: the code can't be used. If it was used before, its grant has ended by now.
            InvalidTarget: it was not made for the resource that is asked for, and stays usable.
        """
        request = self.request
        id_token = IDTokenResponse(self.server.authority, request)
        try:
            with answered_so():
                issued = redeem(
                    self.server.authority,
                    request.tenant,
                    request.authenticated_client.record,
                    self._shown,
                    request.received.known_code,
                    request.received.request_id,
                    before_use=id_token.get_ready,
                )
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return 200, token_response(issued, id_token.write(issued)), self.TOKEN_RESPONSE_HEADER
