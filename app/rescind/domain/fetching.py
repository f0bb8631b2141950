"""Get a small document that somebody outside names, without being led anywhere else by it.

The name is looked up once. If one of its addresses is not public, none is connected to, as whoever answers
for the name could mean any machine in here; else exactly those, by TLS with the certificate of the name. No
redirect is followed, and no proxy asked. All of it has one deadline, however slowly the other side talks.
"""

import asyncio
import functools
import os
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import httpx

from rescind.domain import networks
from rescind.domain.look_ups import Found, LookUps
from rescind.errors import DocumentRefused, DocumentUnavailable

FETCH_SECONDS = 5.0
LONGEST_BYTES = 64 * 1024
MOST_LOOK_UPS = 32
HTTPS_PORT = 443

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Rescind"}
# Public by its number; behind it Azure answers each machine what is that machine's.
_OF_A_CLOUD = frozenset({"168.63.129.16"})
# By these whoever answers says that it is about the moment, and not about the document.
_NOT_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it came. The names of headers are in lower case."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str]


class Fetching:
    """Fetches over HTTPS.

    Args:
        allowed: hosts, each with a port where that is not 443, of which any address will do.
        resolve: looks names up, as `socket.getaddrinfo` does.
    """

    def __init__(self, allowed: Collection[str], resolve: Callable[..., Found] | None = None) -> None:
        self._allowed = frozenset(allowed)
        self._look_ups = LookUps(MOST_LOOK_UPS, self._admit, resolve)

    def fetch(self, url: str) -> Fetched:
        """Get a JSON document. Nothing of the store may be held meanwhile.

        Raises:
            DocumentRefused: there is none, or it is none that is taken.
            DocumentUnavailable: it could not be had in time.
        """
        try:
            with asyncio.Runner(loop_factory=self._look_ups.make_loop) as runner:
                return runner.run(_get(url))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise DocumentUnavailable from None

    def _admit(self, host: str, port: int, found: Found) -> Found:
        place = host if port == HTTPS_PORT else f"{host}:{port}"
        addresses = [str(each[4][0]) for each in found]
        if place not in self._allowed and not all(_is_everybodys(each) for each in addresses):
            raise DocumentRefused("The host of the client id is not one that everybody reaches.")
        return found


def _is_everybodys(address: str) -> bool:
    return networks.is_public(address) and address not in _OF_A_CLOUD


async def _get(url: str) -> Fetched:
    context = _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    async with (
        asyncio.timeout(FETCH_SECONDS),
        httpx.AsyncClient(
            verify=context, trust_env=False, follow_redirects=False, timeout=FETCH_SECONDS
        ) as client,
        client.stream("GET", url, headers=_HEADERS) as reply,
    ):
        _check(reply)
        body = b""
        # As it is sent: what is packed could be without end.
        async for part in reply.aiter_raw():
            body += part
            if len(body) > LONGEST_BYTES:
                raise DocumentRefused(f"The document of the client id is longer than {LONGEST_BYTES} bytes.")
        return Fetched(body, {name.lower(): value for name, value in reply.headers.items()})


@functools.lru_cache(maxsize=1)
def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Read whom this process trusts; once, as it takes longer than all the rest."""
    return ssl.create_default_context()


def _check(reply: httpx.Response) -> None:
    status = reply.status_code
    if status >= 500 or status in _NOT_NOW:
        raise DocumentUnavailable
    if status != 200:
        raise DocumentRefused(
            "There is no document at the client id: it is answered with 200, not elsewhere."
        )
    kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise DocumentRefused("The document of the client id is not sent as application/json.")
    if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise DocumentRefused("The document of the client id is sent packed, which was not asked for.")
