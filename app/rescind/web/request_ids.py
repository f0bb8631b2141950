"""The id of a request: taken from `X-Request-ID` when it is well-formed, made otherwise, echoed always."""

import re
import secrets

from flask import Request

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def request_id(request: Request) -> str:
    """Give the id under which this request is logged and its events are recorded."""
    given = request.headers.get(HEADER, "")
    known: str | None = request.environ.get("rescind.request_id")
    if known is None:
        known = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
        request.environ["rescind.request_id"] = known
    return known
