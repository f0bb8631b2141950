"""RFC 7009, OAuth 2.0 Token Revocation: `POST /t/<tenant>/oauth2/revoke`.

The product's main job. The endpoint is Authlib's, with the two hooks that make it ours: `query_token`
finds, `revoke_token` ends and commits.
"""

from authlib.oauth2.rfc7009 import RevocationEndpoint

from rescind.domain.revoking.causes import REVOCATION_ENDPOINT, Cause
from rescind.domain.revoking.revocation import confirm_nothing, revoke_found
from rescind.protocol import tokens
from rescind.protocol.clients import ALL_METHODS, AuthenticatedClient
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidGrant


class Revocation(RevocationEndpoint):
    """Section 2: end the token, and with it all that was issued on the same authorization."""

    CLIENT_AUTH_METHODS = list(ALL_METHODS)

    def check_params(self, request: TenantRequest, client: AuthenticatedClient) -> None:
        """Ask for the token and nothing else.

        Section 2.2.1 has `unsupported_token_type` for a server that can't revoke some kind. Here every
        kind can be revoked, so a hint that is not known is no reason to keep a token alive.
        """
        tokens.require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> tokens.FoundToken | None:
        """Find the token, whatever the hint says (section 2.1): one index holds every kind."""
        return tokens.find(self.server.authority, token_string)

    def authenticate_token(
        self, request: TenantRequest, client: AuthenticatedClient
    ) -> tokens.FoundToken | None:
        """Find the token and refuse another client's (section 2.1); that one stays as it is.

        Raises:
            StoreUnavailable: it is not found, and it is not known whether it is there.
        """
        self.check_params(request, client)
        token = self.query_token(request.form["token"], request.form.get("token_type_hint"))
        if token is not None and not token.check_client(client):
            raise InvalidGrant("The token was issued to another client.")
        if token is None:
            confirm_nothing(self.server.authority, request.tenant)
        return token

    def revoke_token(self, token: tokens.FoundToken, request: TenantRequest) -> None:
        """End the token and commit; when this returns, the revocation is durable.

        Raises:
            StoreUnavailable: section 2.2.1: the client must assume that the token still exists.
        """
        cause = Cause(REVOCATION_ENDPOINT, request.actor, request_id=request.received.request_id)
        revoke_found(self.server.authority, request.tenant, token.record, cause)

    def create_endpoint_response(self, request: TenantRequest) -> tuple[int, bytes, list[tuple[str, str]]]:
        """Section 2.2: 200 for a token that is ended now, and for one that was not active anyway."""
        status, _, _ = super().create_endpoint_response(request)
        return status, b"", []
