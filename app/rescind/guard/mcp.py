"""A token verifier for servers made with the official SDK of the Model Context Protocol (package `mcp`)."""

from typing import Any

from mcp.server.auth.provider import AccessToken

from rescind.guard.introspecting import Guard
from rescind.guard.tokens import ActiveToken


class TokenVerifier:
    """What `MCPServer(token_verifier=...)` takes; each call of a tool asks anew.

    Args:
        guard: with the `resource` that is `resource_server_url` in the server's `AuthSettings`.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give what the SDK wants to know of an active token; None for all others, which it answers with 401.

        Raises:
            NotTold: the server could not be asked; the SDK answers 500, and the client keeps its token.
            GuardError: it does not know the guard.
        """
        active = await self._guard.check_async(token)
        if active is None:
            return None
        return AccessToken(token=token, **facts(self._guard, active))


def facts(guard: Guard, active: ActiveToken) -> dict[str, Any]:
    """Give the fields that access tokens of both SDKs have, apart from the token itself."""
    return {
        "client_id": active.client_id or "",
        "scopes": list(active.scope),
        "expires_at": active.expires_at,
        "resource": guard.resource or (active.audience[0] if active.audience else None),
        "subject": active.subject,
        "claims": dict(active.claims),
    }
