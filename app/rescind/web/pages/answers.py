"""How an authorization request is answered: at the client's redirect URI, by a redirect or by a form."""

import contextlib
from urllib.parse import urlsplit

import flask
from flask import Response

from rescind.domain import uris
from rescind.domain.authority import Authority
from rescind.errors import BadValue
from rescind.protocol import rfc6749_authorize as protocol
from rescind.protocol.rfc6749_authorize import RedirectedError, ReturnAddress
from rescind.store.records import TenantRecord
from rescind.web.pages import problems, rendering
from rescind.web.pages.asking import Asking

# It runs before the page is complete, which so does not stay in the browser's history to be sent again.
_POST = "document.forms[0].submit()"


def answer(tenant: TenantRecord, address: ReturnAddress, parameters: dict[str, str]) -> Response:
    """Answer the client, with the parameters in this order."""
    if address.response_mode == protocol.QUERY:
        return rendering.redirect(protocol.response_uri(address, parameters))
    return rendering.render(
        "form_post.html",
        tenant,
        form_action=leads_to(address.redirect_uri),
        framed_by=_framed_by(address.redirect_uri),
        script=_POST,
        address=address.redirect_uri,
        parameters=parameters,
        destination=destination(address),
    )


def told(
    authority: Authority, tenant: TenantRecord, address: ReturnAddress, error: RedirectedError
) -> Response:
    """Tell the person of an error in the place of the client, to which a link leads where one can."""
    place, issuer = destination(address), authority.settings.issuer(tenant.name)
    uri = protocol.response_uri(address, protocol.failure(address, issuer, error))
    return problems.problem(
        tenant,
        f"The application that sent you here can't be let in: {error.description} ({error.code})",
        advice=f"Nobody here knows that application. Its address is {place}: go on only if you trust that.",
        link=(uri, f"Go on to {place}") if address.response_mode == protocol.QUERY else None,
    )


def way_back(authority: Authority, taken: Asking) -> str | None:
    """Give where somebody gets back to the app by a link, who does not want to sign in.

    That is its redirect URI, with the error of section 4.1.2.1 of RFC 6749 that says so; or, where it wants
    its answer by a form, its home page, where an operator has set that.
    """
    address = taken.asked.address
    if address.response_mode != protocol.QUERY:
        return taken.client.home_url if taken.client.provenance is None else None
    issuer = authority.settings.issuer(taken.tenant.name)
    error = RedirectedError("access_denied", "The person at the browser did not sign in.")
    return protocol.response_uri(address, protocol.failure(address, issuer, error))


def leads_to(uri: str) -> str:
    """Say for CSP where a form may lead that ends at a client's: browsers look at every redirect behind it.

    The client's own page may redirect to another host of its, so no host is named.
    """
    scheme = urlsplit(uri).scheme
    return " ".join(dict.fromkeys((rendering.SELF, "https:", f"{scheme}:")))


def _framed_by(uri: str) -> str:
    """Say for CSP who may have the answer come in a frame: the client, if it has asked for nobody to see it.

    It asks so with `prompt=none` (OpenID Connect Core section 3.1.2.1). The answer has nothing to click on.
    """
    if flask.request.args.getlist("prompt") == ["none"]:
        parts = urlsplit(uri)
        with contextlib.suppress(BadValue):
            return uris.origin(f"{parts.scheme}://{parts.netloc.lower()}")
    return rendering.NOBODY


def destination(address: ReturnAddress) -> str:
    """Tell people where they will return to."""
    parts = urlsplit(address.redirect_uri)
    return parts.netloc or f"{parts.scheme}:"
