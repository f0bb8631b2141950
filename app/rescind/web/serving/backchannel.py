"""Post logout tokens to clients (OpenID Connect Back-Channel Logout section 2.5).

The addresses are those that an operator registered; nothing that a client answers is followed or read.
"""

import functools
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlencode, urlsplit

from rescind.domain.authority import Authority
from rescind.domain.revoking import deliveries
from rescind.domain.revoking.deliveries import Answer, Letter, Outcome
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
    """Post a form, and give the status. All of it has one deadline, but for the look-up of the name."""
    parts = urlsplit(uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _connection(parts.hostname or "", parts.port, context)
    with closing(connection), closing(_reach(connection, context)) as reached:
        # What a timeout bounds is each read; a receiver that answers byte by byte could hold us for ever.
        watch = threading.Timer(reached.gettimeout() or 0, _shut, (reached,))
        watch.daemon = True
        watch.start()
        try:
            connection.sock = reached
            connection.request("POST", target, body, {"Content-Type": MEDIA_TYPE})
            return connection.getresponse().status
        finally:
            watch.cancel()


def _connection(
    host: str, port: int | None, context: ssl.SSLContext | None
) -> http.client.HTTPConnection | http.client.HTTPSConnection:
    if context is None:
        return http.client.HTTPConnection(host, port or http.client.HTTP_PORT)
    return http.client.HTTPSConnection(host, port or http.client.HTTPS_PORT, context=context)


def _reach(connection: http.client.HTTPConnection, context: ssl.SSLContext | None) -> socket.socket:
    """Connect to one of the addresses that a name has; what time is left is the timeout of the socket."""
    until = time.monotonic() + SEND_SECONDS
    fault = OSError("The name has no address.")
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    for others_behind, (*_, address) in zip(reversed(range(len(found))), found, strict=True):
        try:
            share = _left(until) / (1 + others_behind)
            reached = socket.create_connection((str(address[0]), int(address[1])), share)
            reached.settimeout(_left(until))
            if context is not None:
                reached = context.wrap_socket(reached, server_hostname=connection.host)
                reached.settimeout(_left(until))
        except OSError as error:
            fault = error
        else:
            return reached
    raise fault


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.01)


def _shut(reached: socket.socket) -> None:
    with suppress(OSError):
        reached.shutdown(socket.SHUT_RDWR)
