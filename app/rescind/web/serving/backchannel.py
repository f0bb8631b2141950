"""Post logout tokens to clients (OpenID Connect Back-Channel Logout section 2.5).

The addresses are those that an operator registered; nothing that a client answers is followed or read.
"""

import asyncio
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from rescind.domain import networks
from rescind.domain.authority import Authority
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
_look_ups = threading.BoundedSemaphore(MOST_LOOK_UPS)


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
        with asyncio.Runner(loop_factory=_Loop) as runner:
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


def _elsewhere(found: list[Any]) -> list[Any]:
    """Leave out of what was looked up what may not be registered either."""
    elsewhere = [each for each in found if not networks.is_link_local(str(each[4][0]))]
    if not elsewhere:
        raise OSError("The name is one of a link-local address.")
    return elsewhere


class _Loop(asyncio.SelectorEventLoop):
    """A loop in which nobody has to wait for a look-up that hangs, not even at its end."""

    async def getaddrinfo(self, host: Any, port: Any, **options: int) -> Any:
        """Look a name up, in a thread of its own: nothing else can be left alone.

        Raises:
            OSError: there is no such name, it is one of a link-local address, or too many look-ups hang.
        """
        if not _look_ups.acquire(blocking=False):
            raise OSError("Too many names are being looked up.")
        found = self.create_future()

        def tell(how: Callable[[Any], None], what: Any) -> None:
            if not found.done():
                how(what)

        def look_up() -> None:
            how: Callable[[Any], None] = found.set_result
            try:
                what: Any = _elsewhere(socket.getaddrinfo(host, port, **options))
            except Exception as error:
                how, what = found.set_exception, error
            finally:
                _look_ups.release()
            # Closed, where the deadline is over.
            with suppress(RuntimeError):
                self.call_soon_threadsafe(tell, how, what)

        threading.Thread(target=look_up, name="rescind-look-up", daemon=True).start()
        return await found
