"""The id of a request: taken from `X-Request-ID` when it is well-formed, made otherwise, echoed always."""

import re
import secrets

from flask import Request

from rescind.web.redaction import redact

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def request_id(request: Request) -> str:
    """Give the id under which this request is logged and its events are recorded."""
    given = request.headers.get(HEADER, "")
    known: str | None = request.environ.get("rescind.request_id")
    if known is None:
        # One that looks like a token of ours is taken for a mistake, and must not get into a log.
        is_fit = _WELL_FORMED.fullmatch(given) and redact(given) == given
        known = given if is_fit else secrets.token_hex(16)
        request.environ["rescind.request_id"] = known
    return known
