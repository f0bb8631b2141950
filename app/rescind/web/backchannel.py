"""Post logout tokens to clients (OpenID Connect Back-Channel Logout section 2.5).

The addresses are those that an operator registered; nothing that a client answers is followed or read.
"""

import functools
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlencode, urlsplit

from rescind.domain import deliveries
from rescind.domain.authority import Authority
from rescind.domain.deliveries import Answer, Letter, Outcome
from rescind.protocol.forms import MEDIA_TYPE
from rescind.protocol.openid_connect_logout import logout_token

SEND_SECONDS = 5.0
_TAKEN = {200, 204}


def deliver(authority: Authority) -> Iterator[Outcome]:
    """Send every logout token that is due; see `deliveries.deliver_due`."""
    return deliveries.deliver_due(authority, functools.partial(send, authority))


def send(authority: Authority, letter: Letter) -> Answer:
    """Post a logout token to a client, and wait no longer than `SEND_SECONDS` for what it says.

    Raises:
        StoreUnavailable: the signing key is not known; nothing was sent.
    """
    body = urlencode({"logout_token": logout_token(authority, letter)})
    try:
        status = _post(letter.uri, body)
    except (OSError, http.client.HTTPException, ValueError):
        return Answer.SILENT
    return Answer.TAKEN if status in _TAKEN else Answer.REFUSED


def _post(uri: str, body: str) -> int:
    """Post a form, and give the status."""
    parts = urlsplit(uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    # The timeout is that of each read; a receiver that answers byte by byte could hold us for ever.
    watch = threading.Timer(SEND_SECONDS, _shut, (connection,))
    watch.daemon = True
    with closing(connection):
        watch.start()
        try:
            connection.request("POST", target, body, {"Content-Type": MEDIA_TYPE})
            return connection.getresponse().status
        finally:
            watch.cancel()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=SEND_SECONDS, context=context)
    return http.client.HTTPConnection(host, port, timeout=SEND_SECONDS)


def _shut(connection: http.client.HTTPConnection) -> None:
    # There is no socket yet, or no longer.
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
