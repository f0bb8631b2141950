"""A token verifier for servers made with FastMCP (package `fastmcp`)."""

from typing import Any

from fastmcp.server.auth import AccessToken
from fastmcp.server.auth import TokenVerifier as FastMCPTokenVerifier

from rescind.guard.introspecting import Guard
from rescind.guard.mcp import facts


class TokenVerifier(FastMCPTokenVerifier):
    """What `FastMCP(auth=...)` takes, best inside its `RemoteAuthProvider`; each call of a tool asks anew.

    Args:
        guard: with the `resource` of the server.
        options: as FastMCP's own class takes them.
    """

    def __init__(self, guard: Guard, **options: Any) -> None:
        super().__init__(**options)
        self._guard = guard

    async def verify_token(self, token: str) -> AccessToken | None:
        """Give what FastMCP wants to know of an active token; None for all others.

        Raises:
            NotTold: the server could not be asked.
            GuardError: it does not know the guard.
        """
        active = await self._guard.check_async(token)
        if active is None:
            return None
        return AccessToken(token=token, **facts(self._guard, active))
