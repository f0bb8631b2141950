"""Fetch standard, CORS: which pages of other origins may read an answer.

An origin that a client of the tenant lists is echoed, to the letter, with credentials. Documents that are
public anyway may be read by every other origin, without credentials.
"""

from collections.abc import Callable

from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.errors import StoreUnavailable
from rescind.store import clients
from rescind.web.wire.replies import empty_reply

_ALLOWED_HEADERS = "Authorization, Content-Type, X-Request-ID"
_PREFLIGHT_SECONDS = 600
_LONGEST_ORIGIN = 300


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
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    response = empty_reply(204) if is_preflight and (is_listed or is_public) else reply()
    response.headers.add("Vary", "Origin")
    if is_listed:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Access-Control-Allow-Credentials"] = "true"
    elif is_public:
        response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code == 204:
        response.headers["Access-Control-Allow-Methods"] = method
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def _is_listed(authority: Authority, tenant_id: int, origin: str) -> bool:
    # A space would stretch over two entries of the list, and NUL is nothing for PostgreSQL.
    if len(origin) > _LONGEST_ORIGIN or not origin.isprintable() or " " in origin:
        return False
    try:
        with authority.store.reading() as tx:
            return clients.lists_origin(tx, tenant_id, origin)
    except StoreUnavailable:
        # The answer itself already says that the store is down.
        return False
