"""A client of a kind in use, and what is asked of every kind."""

from dataclasses import dataclass, replace

import httpx

from rescind.domain.registry.registration import CLIENT_SECRET_POST
from tests.sdks import people, wired
from tests.sdks.kinds import Kind
from tests.sdks.sdks import Sdk
from tests.sdks.site import Site
from tests.servers import Client
from tests.wire import Wire


@dataclass
class Run:
    """A client in use: the SDK, and its registration."""

    kind: Kind
    sdk: Sdk
    client: Client
    site: Site
    wire: Wire

    @property
    def origin(self) -> str | None:
        """What a browser says of where the client's requests come from."""
        return self.site.origin if self.kind.is_in_page else None

    @property
    def told(self) -> dict[str, object]:
        """What the client is to learn of the person: the pages ask for no address."""
        return {"sub": people.USERNAME} if self.kind.is_in_page else people.TOLD

    def refresh(self, refresh_token: str) -> httpx.Response:
        """Refresh as this client, without its SDK."""
        if self.kind.method != CLIENT_SECRET_POST:
            return self.client.refresh(refresh_token)
        without_header = replace(self.client, secret=None)
        return without_header.refresh(refresh_token, client_secret=str(self.client.secret))

    def revoke(self) -> dict[str, str]:
        """Revoke, and see that the wire carried what it must. Gives the tokens that were revoked."""
        tokens = wired.newest_tokens(self.wire)
        self.sdk.revoke()
        wired.check_revocations(
            self.wire,
            list(self.kind.revocations),
            self.origin,
            client_id=self.client.client_id,
            client_secret=self.client.secret or "",
            access_token=tokens["access_token"],
            refresh_token=tokens["refresh_token"],
        )
        return tokens
