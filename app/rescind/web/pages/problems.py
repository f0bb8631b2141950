"""Pages that say what is wrong: with the look of the tenant, the id of the request, and a way on."""

import logging

import flask
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response
from werkzeug.exceptions import HTTPException

from rescind.errors import DocumentRefused, DocumentUnavailable, StoreUnavailable
from rescind.store.records import TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies, forms, rendering
from rescind.web.wire import replies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

log = logging.getLogger(__name__)

# Of the path and the query, as they are sent.
LONGEST_ADDRESS_CHARACTERS = 16 * 1024
# So much longer is an address with which somebody comes back from the sign-in of a host: it holds a seal.
_SEAL_CHARACTERS = 512

Link = tuple[str, str]

_TITLES = {404: "Page not found", 500: "Something went wrong", 503: "Try again in a moment"}
_TEXTS = {
    400: "The request is malformed.",
    404: "There is nothing at this address.",
    405: "This address can't be used in this way.",
    413: "The request is too large.",
    414: "The request is too long.",
}
_ADVICE = {
    404: "Look for a mistake in the address, or go back to where you came from.",
    500: "It is not your doing. Try again, or tell whoever runs this server.",
    503: "Nothing is lost. If you have sent a form, go back and send it again.",
}
_GO_BACK = "Go back to where you came from and start again. If it happens again, tell whoever runs that app."


def problem(
    tenant: TenantRecord | None,
    text: str,
    status: int = 400,
    *,
    title: str | None = None,
    advice: str | None = None,
    link: Link | None = None,
) -> Response:
    """Tell the person what is wrong, and how to go on.

    Args:
        advice: what they can do; by the status where it is not given.
        link: where they can go; to their account where it is not given and the tenant is known.
    """
    if link is None and tenant is not None:
        link = (f"{cookies.tenant_path(tenant)}/account", "Go to your account")
    return rendering.render(
        "problem.html",
        tenant,
        status,
        title=title or _TITLES.get(status, "That did not work"),
        text=text,
        advice=_ADVICE.get(status, _GO_BACK) if advice is None else advice,
        link=link,
        request_id=request_id(flask.request),
    )


def error_page(error: Exception) -> Response:
    """Answer any error of a page. What is not expected is logged and answered without a word about it."""
    if isinstance(error, StoreUnavailable):
        response = problem(None, "The server can't answer just now.", 503, link=_again())
        response.headers["Retry-After"] = str(replies.RETRY_AFTER_SECONDS)
        return response
    if isinstance(error, DocumentUnavailable):
        response = _with_tenant(str(error), 503)
        response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response
    if isinstance(error, forms.StaleForm | DocumentRefused):
        return _with_tenant(str(error), 400)
    if isinstance(error, ProblemError | HTTPException | OAuth2Error):
        plain = replies.error_reply(error)
        response = _with_tenant(_TEXTS.get(plain.status_code, _TEXTS[400]), plain.status_code)
        if "Allow" in plain.headers:
            response.headers["Allow"] = plain.headers["Allow"]
        return response
    log.error("a page failed in a way that is not expected", exc_info=error)
    # What has failed may be what a page of the tenant needs.
    return problem(None, "The server has failed.", 500, link=_again())


def ask_again(tenant: TenantRecord, address: str, link: Link | None = None) -> Response:
    """Have the browser ask one of our own addresses with GET; or say that it would be too long for that.

    Args:
        link: where people can go then.
    """
    if len(address) > LONGEST_ADDRESS_CHARACTERS:
        return problem(tenant, _TEXTS[414], link=link)
    return rendering.redirect(address)


def refuse_ahead(request: flask.Request) -> None:
    """Refuse what a browser asks for before anybody has followed the link (Fetch standard, Sec-Purpose).

    Raises:
        ProblemError: 503, by which browsers know to ask again when somebody does.
    """
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        raise ProblemError(503)


def is_too_long(request: flask.Request) -> bool:
    """Tell whether an address is longer than is taken here, which is less than the server takes."""
    length = len(request.path) + len(request.query_string)
    return length > LONGEST_ADDRESS_CHARACTERS + _SEAL_CHARACTERS


def _with_tenant(text: str, status: int) -> Response:
    """Say it on a page of the tenant's, where there is one and the store tells how it looks."""
    try:
        return problem(_tenant(), text, status)
    except StoreUnavailable:
        return problem(None, text, status)


def _tenant() -> TenantRecord | None:
    """Find the tenant that the address names, also where the request came to nothing before it was asked."""
    request = flask.request
    known = tenancy.admitted_record(request)
    if known is not None:
        return known
    authority = flask.current_app.extensions["rescind"].authority
    try:
        return tenancy.admit(authority, (request.view_args or {}).get("tenant", "")).tenant
    except ProblemError:
        return None


def _again() -> Link | None:
    """Lead to the same page once more, where that sends nothing twice."""
    return ("", "Try again") if flask.request.method == "GET" else None
