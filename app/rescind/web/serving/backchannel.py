"""Post logout tokens to clients (OpenID Connect Back-Channel Logout section 2.5).

The addresses are those that an operator registered; nothing that a client answers is followed or read.
"""

import asyncio
import functools
import ssl
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import httpx

from rescind.domain import networks
from rescind.domain.authority import Authority
from rescind.domain.look_ups import Found, LookUps
from rescind.domain.revoking.deliveries import Answer, Letter, Outcome
from rescind.domain.revoking.rounds import deliver_due
from rescind.protocol.forms import MEDIA_TYPE
from rescind.protocol.openid_connect_logout import logout_token

SEND_SECONDS = 5.0
MOST_LOOK_UPS = 32
_TAKEN = {200, 204}
_HEADERS = {"Content-Type": MEDIA_TYPE, "User-Agent": "Rescind"}
# It trusts nobody; to read all that the system trusts takes longer than the rest.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _elsewhere(host: str, port: int, found: Found) -> Found:
    """Leave out of what was looked up what may not be registered either."""
    elsewhere = [each for each in found if not networks.is_link_local(str(each[4][0]))]
    if not elsewhere:
        raise OSError("The name is one of a link-local address.")
    return elsewhere


_look_ups = LookUps(MOST_LOOK_UPS, _elsewhere)


def deliver(authority: Authority) -> Iterator[Outcome]:
    """Send every logout token that is due; see `rounds.deliver_due`."""
    return deliver_due(authority, functools.partial(send, authority))


def send(authority: Authority, letter: Letter) -> Answer:
    """Post a logout token to a client, and wait no longer than `SEND_SECONDS` for what it says.

    Raises:
        StoreUnavailable: the signing key is not known; nothing was sent.
    """
    body = urlencode({"logout_token": logout_token(authority, letter)})
    try:
        with asyncio.Runner(loop_factory=_look_ups.make_loop) as runner:
            status = runner.run(_post(letter.uri, body))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return Answer.SILENT
    return Answer.TAKEN if status in _TAKEN else Answer.REFUSED


async def _post(uri: str, body: str) -> int:
    """Post a form, and give the status. All of it has one deadline, from the look-up of the name on."""
    context = ssl.create_default_context() if urlsplit(uri).scheme == "https" else _NO_TLS
    async with (
        asyncio.timeout(SEND_SECONDS),
        # No proxy of this host's environment learns of it. Of several addresses the next is tried soon.
        httpx.AsyncClient(verify=context, trust_env=False, timeout=SEND_SECONDS) as client,
        client.stream("POST", uri, content=body, headers=_HEADERS) as reply,
    ):
        return reply.status_code
