"""A client made with the official SDK for Python, as its documentation makes one."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from tests.model_context.person import REDIRECT_URI, Refused


@dataclass
class Storage:
    """What the SDK keeps between its runs."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@dataclass
class InPython:
    """A client.

    Attributes:
        ask: sends a person to an address, and gives the one to which the browser came back.
    """

    url: str
    document: str | None
    ask: Callable[[str], str]
    storage: Storage = field(default_factory=Storage)
    _came_back: str = ""

    def __post_init__(self) -> None:
        self.provider = OAuthClientProvider(
            self.url,
            OAuthClientMetadata(client_name="Agent", redirect_uris=[AnyUrl(REDIRECT_URI)]),
            self.storage,
            self._send_away,
            self._back,
            client_metadata_url=self.document,
        )

    def call(self, tool: str) -> str:
        """Call a tool over a connection of its own, and give what it says."""
        return asyncio.run(self._call(tool))

    @property
    def client_id(self) -> str:
        """As whom it is known."""
        return self.storage.client.client_id if self.storage.client else ""

    def notice_the_time(self) -> None:
        """Let it find that its access token has expired, as it does by its own clock."""
        self.provider.context.token_expiry_time = time.time() - 1

    async def _call(self, tool: str) -> str:
        async with (
            httpx2.AsyncClient(auth=self.provider, trust_env=False) as http,
            Client(streamable_http_client(self.url, http_client=http)) as client,
        ):
            result = await client.call_tool(tool, {})
        return str(getattr(result.content[0], "text", ""))

    async def _send_away(self, address: str) -> None:
        self._came_back = await asyncio.to_thread(self.ask, address)

    async def _back(self) -> AuthorizationCodeResult:
        answer = dict(parse_qsl(urlsplit(self._came_back).query))
        if "error" in answer:
            raise Refused(answer["error"])
        return AuthorizationCodeResult.model_validate(answer)
