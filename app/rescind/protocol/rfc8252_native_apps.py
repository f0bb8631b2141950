"""RFC 8252, OAuth 2.0 for Native Apps: redirect URIs, of all clients, and what is different on a device."""

import logging
import re

from rescind.domain import uris
from rescind.domain.registry.documents import DOCUMENT
from rescind.store.records import ClientRecord

log = logging.getLogger(__name__)

_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?((?:[/?].*)?)")
# A document is the same for all who have the app, so it can't name the port that is free on a device.
_THIS_MACHINE = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::[0-9]{1,5})?((?:[/?].*)?)")


def is_registered(redirect_uri: str, client: ClientRecord) -> bool:
    """Tell whether a redirect URI is one of the client's, to the letter (RFC 9700 section 4.1.3).

    At the loopback address the port of a native client is free (RFC 8252 section 7.3); at the name localhost
    only of one that is described by a document.
    """
    usable = uris.usable(client.redirect_uris)
    if redirect_uri in usable:
        return True
    if redirect_uri in client.redirect_uris:
        log.warning("a redirect URI of the client %s is none that is allowed any more", client.client_id)
        return False
    loopback = _THIS_MACHINE if client.provenance == DOCUMENT else _LOOPBACK
    is_native = client.is_public or client.provenance == DOCUMENT
    asked = loopback.fullmatch(redirect_uri) if is_native else None
    if asked is None or not redirect_uri.isprintable() or not redirect_uri.isascii() or "#" in redirect_uri:
        return False
    registered = (loopback.fullmatch(each) for each in usable)
    return any(each is not None and each.groups() == asked.groups() for each in registered)


def is_answered_on_this_machine(redirect_uri: str) -> bool:
    """Tell whether an answer goes to a program on the person's machine: any that runs there can take it."""
    return _THIS_MACHINE.fullmatch(redirect_uri) is not None


def may_be_led_to(redirect_uri: str, client: ClientRecord) -> bool:
    """Tell whether somebody who has seen no page may be redirected there (RFC 9700 section 4.11.2).

    Anybody can bring a client along that nobody here has registered, and so an address of any site. A
    program on the person's own machine is none.
    """
    return client.provenance is None or is_answered_on_this_machine(redirect_uri)


def is_only_the_clients(redirect_uri: str, client: ClientRecord) -> bool:
    """Tell whether an answer at this address can reach nobody but the client (RFC 6749 section 10.2).

    On a person's device any program can take an app's own scheme, or a port that was not registered (RFC 8252
    section 8.6), and a public client does not authenticate. So what was allowed to it once is not relied on,
    nor of a client that nobody here has registered.
    """
    is_fixed = redirect_uri in client.redirect_uris and redirect_uri.startswith(("https:", "http:"))
    return client.provenance is None and (is_fixed or not client.is_public)
