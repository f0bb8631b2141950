"""Fetch standard, CORS: which pages of other origins may read an answer.

An origin that a client of the tenant lists is echoed, to the letter, with credentials. Documents that are
public anyway may be read by every other origin, without credentials.
"""

import re
from collections.abc import Callable

from flask import Request, Response

from rescind.domain import uris
from rescind.domain.authority import Authority
from rescind.errors import StoreUnavailable
from rescind.store import origins
from rescind.web.wire.replies import empty_reply

# What means something here. Browsers, and libraries of pages, add others by themselves.
_ALLOWED_HEADERS = ("Authorization", "Content-Type", "X-Request-ID")
_EXPOSED_HEADERS = "WWW-Authenticate, X-Request-ID, Retry-After"
_PREFLIGHT_SECONDS = 600
_MOST_HEADERS = 100
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")


def shared(
    authority: Authority,
    request: Request,
    tenant_id: int,
    method: str,
    reply: Callable[[], Response],
    *,
    is_public: bool = False,
) -> Response:
    """Make the reply, or answer a preflight, and let the page that asks read it if its origin is listed.

    Args:
        method: what a preflight may be about.
        reply: makes the answer to the request itself, an error as well as a success.
        is_public: every other origin may read it too, without credentials.
    """
    origin = request.headers.get("Origin")
    is_listed = origin is not None and _is_listed(authority, tenant_id, origin)
    return _opened(request, method, reply, str(origin) if is_listed else "*" if is_public else None)


def public(request: Request, method: str, reply: Callable[[], Response]) -> Response:
    """Do the same for a document that is no tenant's: every origin may read it, without credentials."""
    return _opened(request, method, reply, "*")


def _opened(request: Request, method: str, reply: Callable[[], Response], reader: str | None) -> Response:
    """Make the reply for an origin, for all, or for none."""
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    response = empty_reply(204) if is_preflight and reader else reply()
    response.headers.add("Vary", "Origin")
    if reader:
        response.headers["Access-Control-Allow-Origin"] = reader
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if reader and reader != "*":
        response.headers["Access-Control-Allow-Credentials"] = "true"
    if response.status_code == 204:
        response.headers.add("Vary", "Access-Control-Request-Headers")
        response.headers["Access-Control-Allow-Methods"] = method
        response.headers["Access-Control-Allow-Headers"] = ", ".join(_allowed_headers(request))
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def _allowed_headers(request: Request) -> list[str]:
    """Give the headers that a page may send: ours, and those that it asks for."""
    asked = request.headers.get("Access-Control-Request-Headers", "").lower().split(",", _MOST_HEADERS)
    named = dict.fromkeys(name.strip() for name in asked[:_MOST_HEADERS])
    ours = {name.lower() for name in _ALLOWED_HEADERS}
    return [*_ALLOWED_HEADERS, *(name for name in named if _HEADER.fullmatch(name) and name not in ours)]


def _is_listed(authority: Authority, tenant_id: int, origin: str) -> bool:
    # What could not be registered is not looked for: an empty one would be found in an empty list.
    if not uris.is_origin(origin):
        return False
    try:
        is_settled = authority.store.is_settled
        with authority.store.reading() as tx:
            return origins.is_listed(tx, tenant_id, origin, is_settled=is_settled)
    except StoreUnavailable:
        # The answer itself already says that the store is down.
        return False
