"""RFC 8252, OAuth 2.0 for Native Apps: redirect URIs, of all clients, and what is different on a device."""

import logging
import re

from rescind.domain import uris
from rescind.store.records import ClientRecord

log = logging.getLogger(__name__)

_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?((?:[/?].*)?)")


def is_registered(redirect_uri: str, client: ClientRecord) -> bool:
    """Tell whether a redirect URI is one of the client's, to the letter (RFC 9700 section 4.1.3).

    At the loopback address the port of a native client is free (RFC 8252 section 7.3).
    """
    usable = uris.usable(client.redirect_uris)
    if redirect_uri in usable:
        return True
    if redirect_uri in client.redirect_uris:
        log.warning("a redirect URI of the client %s is none that is allowed any more", client.client_id)
        return False
    asked = _LOOPBACK.fullmatch(redirect_uri) if client.is_public else None
    if asked is None or not redirect_uri.isprintable() or not redirect_uri.isascii() or "#" in redirect_uri:
        return False
    registered = (_LOOPBACK.fullmatch(each) for each in usable)
    return any(each is not None and each.groups() == asked.groups() for each in registered)


def is_only_the_clients(redirect_uri: str, client: ClientRecord) -> bool:
    """Tell whether an answer at this address can reach nobody but the client (RFC 6749 section 10.2).

    On a person's device any program can take an app's own scheme, or a port that was not registered (RFC 8252
    section 8.6), and a public client does not authenticate. So what was allowed to it once is not relied on.
    """
    is_fixed = redirect_uri in client.redirect_uris and redirect_uri.startswith(("https:", "http:"))
    return is_fixed or not client.is_public
