"""The id of a request: taken from `X-Request-ID` when it is well-formed, made otherwise, echoed always."""

import base64
import re
import secrets
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from flask import Request, Response

from rescind.web.wire.bodies import READ as BODY
from rescind.web.wire.redaction import redact

HEADER = "X-Request-ID"
_KNOWN, _ECHOED = "rescind.request_id", "rescind.request_id.echoed"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def request_id(request: Request) -> str:
    """Give the id under which this request is logged and its events are recorded."""
    known: str | None = request.environ.get(_KNOWN)
    if known is None:
        given: str = request.environ.get("HTTP_X_REQUEST_ID", "")
        known = given if _is_fit(given, request) else secrets.token_hex(16)
        request.environ[_KNOWN] = known
    return known


def echo(request: Request, response: Response) -> Response:
    """Tell the client the id, once."""
    if _ECHOED not in request.environ:
        request.environ[_ECHOED] = True
        response.headers[HEADER] = request_id(request)
    return response


def _is_fit(given: str, request: Request) -> bool:
    """Tell whether a given id may be logged: not one like a token, or one that the request shows too."""
    if not _WELL_FORMED.fullmatch(given) or redact(given) != given:
        return False
    authorization = request.headers.get("Authorization", "").encode()
    credentials = authorization.partition(b" ")[2]
    with suppress(ValueError):
        credentials = base64.b64decode(credentials)
    body = request.environ.get(BODY)
    cookies = request.headers.get("Cookie", "").encode()
    sent = body if isinstance(body, bytes) else b""
    shown = (request.full_path.encode(), authorization, credentials, cookies, sent)
    return not any(given.encode() in unquote_to_bytes(each) for each in shown)
