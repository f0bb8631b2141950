"""RFC 7662, OAuth 2.0 Token Introspection: `POST /t/<tenant>/oauth2/introspect`."""

from typing import Any

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from rescind.domain import resources
from rescind.domain.people import personal_tokens
from rescind.protocol import tokens
from rescind.protocol.clients import WITH_PROOF, AuthenticatedClient
from rescind.protocol.requests import TenantRequest


class Introspection(IntrospectionEndpoint):
    """Section 2: is this token active, and what may its presenter do?

    Whoever may not know gets the same `{"active": false}` as for a token that does not exist.
    """

    # Section 4: the caller authenticates. Naming a public client is not authentication.
    CLIENT_AUTH_METHODS = list(WITH_PROOF)

    def check_params(self, request: TenantRequest, client: AuthenticatedClient) -> None:
        """Ask for the token; the hint is never needed."""
        tokens.require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> tokens.FoundToken | None:
        """Find the token, whatever the hint says."""
        return tokens.find(self.server.authority, token_string)

    def check_permission(
        self, token: tokens.FoundToken, client: AuthenticatedClient, request: TenantRequest
    ) -> bool:
        """Let a client ask about its own tokens, a resource server about every access token of its tenant.

        One that answers for resources sees what is meant for one of these, and nothing else, whoever's it is:
        a token that is meant for others is of no use to it, but of much to whoever has got hold of it (RFC
        8707 section 3).
        """
        record, own = token.record, client.record.resources
        if own:
            return record.kind == "access" and resources.is_meant_for(record.audience, own)
        is_for_resources = client.record.is_resource_server and record.kind == "access"
        return token.check_client(client) or is_for_resources

    def create_endpoint_response(self, request: TenantRequest) -> tuple[int, dict[str, Any], Any]:
        """Answer; the issuer is the tenant's."""
        status, body, headers = super().create_endpoint_response(request)
        if body["active"]:
            body["iss"] = request.received.issuer
            # That it is not active is final, whoever says so.
            tenant = request.received.tenant
            self.server.authority.store.vouch(tenant.standing, tenant.id)
            personal_tokens.note_use(self.server.authority, tenant.id, request.received.known_token)
        return status, body, headers

    def introspect_token(self, token: tokens.FoundToken) -> dict[str, Any]:
        """Describe an active token (section 2.2). A client that acts for itself is its own subject.

        It alone has no `username`: so a client's own token is told from that of a person whose subject is
        the client's id (RFC 9700 section 4.15).
        """
        record, grant = token.record, token.record.grant
        members: dict[str, Any] = {
            "active": True,
            "client_id": grant.client_id,
            "sub": grant.subject if grant.subject is not None else grant.client_id,
            "exp": record.expires_at,
            "iat": record.issued_at,
        }
        if grant.subject is not None:
            members["username"] = grant.subject
        if record.kind == "access":
            members["token_type"] = "Bearer"
        if record.audience:
            members["aud"] = record.audience[0] if len(record.audience) == 1 else list(record.audience)
        if record.scope:
            members["scope"] = token.get_scope()
        return members
