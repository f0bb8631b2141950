"""How an authorization request is answered: at the client's redirect URI, by a redirect or by a form."""

import re
from urllib.parse import urlsplit

from flask import Response

from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.rfc6749_authorize import ReturnAddress
from rescind.store.records import TenantRecord
from rescind.web import pages

_PLAIN_AUTHORITY = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?")


def answer(tenant: TenantRecord, address: ReturnAddress, parameters: dict[str, str]) -> Response:
    """Answer the client, with the parameters in this order."""
    if address.response_mode == protocol.QUERY:
        return pages.redirect(protocol.response_uri(address, parameters))
    parts = urlsplit(address.redirect_uri)
    is_plain = _PLAIN_AUTHORITY.fullmatch(parts.netloc)
    return pages.render(
        "form_post.html",
        tenant,
        form_action=f"{parts.scheme}://{parts.netloc}" if is_plain else f"{parts.scheme}:",
        address=address.redirect_uri,
        parameters=parameters,
        destination=destination(address),
    )


def leads_to(address: ReturnAddress) -> str:
    """Say for CSP where a form may lead: browsers look at every redirect that follows it.

    The client's own page may redirect to another host of its, so no host is named.
    """
    scheme = urlsplit(address.redirect_uri).scheme
    return " ".join(dict.fromkeys((pages.SELF, "https:", f"{scheme}:")))


def destination(address: ReturnAddress) -> str:
    """Tell people where they will return to."""
    parts = urlsplit(address.redirect_uri)
    return parts.netloc or f"{parts.scheme}:"
