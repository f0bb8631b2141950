"""Requests of a client from an address that is chosen; the fixtures of other tests are all at one."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx

from tests.patience import LONG_SECONDS
from tests.servers import FORM, Client

HERE, AWAY = "192.0.2.1", "203.0.113.9"
WRONG = "a secret that is another one's, or nobody's"


@dataclass(frozen=True)
class Caller:
    """Somebody at an address who says to be a client."""

    client: Client
    address: str = HERE

    def post(self, endpoint: str, authorization: str | None = None, **form: str) -> httpx.Response:
        """Send a form, by Basic unless the form names the client."""
        server = self.client.tenant.server
        assert server.app is not None
        headers = {"Content-Type": FORM} | ({"Authorization": authorization} if authorization else {})
        transport = httpx.WSGITransport(app=server.app, remote_addr=self.address)
        with httpx.Client(transport=transport, base_url=server.base_url, timeout=LONG_SECONDS) as http:
            return http.post(
                f"{self.client.tenant.path}/{endpoint}", content=urlencode(form), headers=headers
            )

    def send(self, endpoint: str, **form: str) -> httpx.Response:
        """Send a form as the client itself."""
        if self.client.secret is None:
            return self.post(endpoint, client_id=self.client.client_id, **form)
        return self.post(endpoint, self.client.basic, **form)

    def guess(self, times: int = 1, endpoint: str = "introspect") -> list[int]:
        """Show a wrong secret, so often; gives the statuses."""
        wrong = replace(self.client, secret=WRONG)
        return [self.post(endpoint, wrong.basic, token="unknown").status_code for _ in range(times)]
