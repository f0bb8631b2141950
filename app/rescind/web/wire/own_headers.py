"""The headers of our answers, that stay as they are whatever an application does to all of its own.

Extensions set theirs in `after_request` functions, which come after ours: one lets pages of every origin read
all answers, another lets its own site frame them. Both are meant for the application's views.
"""

from typing import Any

from flask import Request, Response, request_finished
from flask.sansio.app import App

from rescind.web.wire.bodies import present

_KEPT = "rescind.headers"
# Of these an application can add none that we have not: who may read an answer is decided here alone.
_ALONE = "access-control-"
_OURS = frozenset(
    {
        *("allow", "cache-control", "content-security-policy", "content-type", "cross-origin-opener-policy"),
        *("location", "referrer-policy", "retry-after", "www-authenticate", "x-content-type-options"),
        *("x-frame-options", "x-request-id"),
    }
)


def keep(request: Request, response: Response) -> Response:
    """Note the headers of an answer as they are now."""
    request.environ[_KEPT] = list(response.headers)
    return response


def guard(app: App) -> None:
    """Put them back behind everything that an application does to an answer."""
    # The signal is sent behind every `after_request` function, with the answer that will be written.
    request_finished.connect(_restore, app)


def _restore(sender: Any, response: Response, **_: Any) -> None:
    kept: list[tuple[str, str]] | None = present().environ.pop(_KEPT, None)
    if kept is None or kept == list(response.headers):
        return
    headers = response.headers
    ours = [(name, value) for name, value in kept if _is_ours(name)]
    for name in {name for name, _ in headers if name.lower().startswith(_ALONE)}:
        del headers[name]
    for name in {name for name, _ in ours}:
        del headers[name]
    for name, value in ours:
        headers.add(name, value)
    for name, value in kept:
        if name == "Vary" and value not in headers.getlist("Vary"):
            headers.add("Vary", value)


def _is_ours(name: str) -> bool:
    return name.lower() in _OURS or name.lower().startswith(_ALONE)
