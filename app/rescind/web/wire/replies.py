"""Results and errors as HTTP responses. The one place that makes them."""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import ClosingIterator

from rescind.errors import DocumentRefused, DocumentUnavailable, StoreUnavailable
from rescind.protocol.rfc6749_errors import ClientNotDescribed

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2
JSON = "application/json"

_HARDENED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_WITHOUT_LENGTH = frozenset({204, 304})
_HTTP_ERRORS = {
    400: ("invalid_request", "The request is malformed."),
    404: ("not_found", "There is nothing at this address."),
    405: ("invalid_request", "This method is not allowed here."),
    413: ("invalid_request", "The body is too large."),
    414: ("invalid_request", "The address is too long."),
}


class ProblemError(Exception):
    """An error that HTTP names and OAuth does not: a status, and `Allow` with 405."""

    def __init__(self, status: int, *, allow: str | None = None) -> None:
        super().__init__(status)
        self.status, self.allow = status, allow


class Reply(Response):
    """An answer that is whole when it is made: written to the server without all that others may need."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Write it (PEP 3333)."""
        if environ["REQUEST_METHOD"] == "HEAD" or self.is_streamed or self.status_code in _WITHOUT_LENGTH:
            return super().__call__(environ, start_response)
        body = self.get_data()
        headers = [each for each in self.headers if each[0] != "Content-Length"]
        start_response(self.status, [*headers, ("Content-Length", str(len(body)))])
        return ClosingIterator([body], self.close)


def json_reply(status: int, body: dict[str, Any], headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Answer with a JSON object that nobody may keep, unless the headers say so."""
    given = {**_HARDENED, "Content-Type": JSON, **dict(headers)}
    return Reply(json.dumps(body), status=status, headers=given)


def empty_reply(status: int, *, accept: str | None = None) -> Response:
    """Answer without a body.

    The answer has no Content-Type, since clients parse by it what is not there; only one that asks for JSON
    by name, and would take nothing else, is told JSON.

    Args:
        accept: the request's Accept header.
    """
    response = Reply(b"", status=status, headers={**_HARDENED, "Content-Type": JSON})
    if accept is None or JSON not in accept.lower() or "*/*" in accept:
        # Without one Werkzeug would put in its own.
        del response.headers["Content-Type"]
    return response


def error_reply(error: Exception) -> Response:
    """Answer any error. What is not expected is logged and answered without a word about it."""
    if isinstance(error, OAuth2Error):
        status, body, headers = error()
        return json_reply(status, body, headers)
    if isinstance(error, StoreUnavailable):
        body = {
            "error": "temporarily_unavailable",
            "error_description": "The store is unavailable. Try again.",
        }
        return json_reply(503, body, [("Retry-After", str(RETRY_AFTER_SECONDS))])
    if isinstance(error, DocumentRefused):
        return error_reply(ClientNotDescribed(error))
    if isinstance(error, DocumentUnavailable):
        body = {"error": "temporarily_unavailable", "error_description": str(error)}
        return json_reply(503, body, [("Retry-After", str(error.retry_after_seconds))])
    if isinstance(error, ProblemError):
        return _http_reply(error.status, error.allow)
    if isinstance(error, HTTPException):
        return _http_reply(error.code or 500, ", ".join(sorted(getattr(error, "valid_methods", None) or ())))
    log.error("a request failed in a way that is not expected", exc_info=error)
    return json_reply(500, {"error": "server_error", "error_description": "Something went wrong here."})


def answering(view: Callable[..., Response], *arguments: Any, **named: Any) -> Response:
    """Call a view and answer whatever it raises. No error handler of a host comes in between."""
    return answering_with(error_reply, view, *arguments, **named)


def answering_with(
    answer: Callable[[Exception], Response], view: Callable[..., Response], *arguments: Any, **named: Any
) -> Response:
    """Call a view and answer whatever it raises in a way of its own, as pages do."""
    try:
        return view(*arguments, **named)
    except Exception as error:
        return answer(error)


def harden(response: Response) -> Response:
    """Set the headers that every answer of the endpoints has."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _http_reply(status: int, allow: str | None) -> Response:
    code, description = _HTTP_ERRORS.get(status, ("invalid_request", "The request can't be answered."))
    headers = [("Allow", allow)] if allow else []
    return json_reply(status, {"error": code, "error_description": description}, headers)
