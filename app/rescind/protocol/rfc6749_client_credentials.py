"""RFC 6749 section 4.4, Client Credentials Grant: a client acts for itself."""

from typing import Any

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.hooks import hooked

from rescind.domain.revoking.epochs import Epochs
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.errors import NotFound
from rescind.protocol import rfc8707_resource_indicators as rfc8707
from rescind.protocol import scopes
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidClient, UnauthorizedClient
from rescind.protocol.token_responses import token_response


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    """Each token is a grant of its own, so that revoking one leaves the others; none is refreshable."""

    request: TenantRequest

    def validate_token_request(self) -> None:
        """Check the client's right to this grant type, the scope, and what the token is to be meant for.

        Raises:
            UnauthorizedClient: it is not registered for it; a public client never is.
            InvalidScope: see `scopes.within`.
            InvalidTarget: see `rfc8707.asked_for`.
        """
        client = self.request.authenticated_client
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient("The client is not registered for client_credentials.")
        self._scope = scopes.within(self.request.form.get("scope"), client.record.scope)
        self._audience = rfc8707.asked_for(self.request)

    @hooked
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Issue, commit, then answer.

        Raises:
            InvalidClient: the client was swept meanwhile.
        """
        record = self.request.authenticated_client.record
        authorization = Authorization(
            tenant_id=self.request.tenant.id,
            client_id=record.client_id,
            epochs=Epochs.carried_by(self.request.tenant, record),
            scope=self._scope,
            audience=self._audience,
        )
        try:
            (issued,) = issue(self.server.authority, authorization)
        except NotFound:
            had_authorization = "Authorization" in (self.request.headers or {})
            raise InvalidClient(had_authorization=had_authorization) from None
        return 200, token_response(issued), self.TOKEN_RESPONSE_HEADER
