"""The pages that people see: server-rendered, without scripts, and with the headers that keep them safe."""

import base64
import functools
import hashlib
import logging
from datetime import UTC, datetime
from typing import Any

import flask
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from rescind.errors import StoreUnavailable
from rescind.store.records import TenantRecord
from rescind.web.pages import cookies, forms, themes
from rescind.web.wire import replies
from rescind.web.wire.replies import ProblemError

log = logging.getLogger(__name__)

SELF = "'self'"
STYLE_SECONDS = 300
# As a request line may have 8190 characters, and a proxy in front may make the path longer.
LONGEST_ADDRESS_CHARACTERS = 8000

_POLICY = (
    "default-src 'none'; style-src {}; img-src 'self' https: data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action {}"
)
_TITLES = {404: "Page not found", 500: "Something went wrong", 503: "Try again in a moment"}
_TEXTS = {
    400: "The request is malformed.",
    404: "There is nothing at this address.",
    405: "This address can't be used in this way.",
    413: "The request is too large.",
}
# Of our own: the host's templates, filters and context processors stay out of these pages.
_templates = Environment(
    loader=PackageLoader("rescind.web.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Redirect(Response):
    """A redirect to an address exactly as it was registered: Werkzeug would write some in another way."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """Put the address back."""
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self.headers["Location"]
        return headers


def render(
    template: str, tenant: TenantRecord | None, status: int = 200, *, form_action: str = SELF, **context: Any
) -> Response:
    """Make a page.

    Args:
        tenant: whose name, logo and colour it has; None where there is none to be named.
        form_action: where its forms may lead, redirects after them included, as CSP says it.

    Raises:
        StoreUnavailable: the tenant's theme could not be read.
    """
    authority = flask.current_app.extensions["rescind"].authority
    theme = themes.theme_of(authority, tenant) if tenant is not None else None
    base = cookies.tenant_path(tenant) if tenant is not None else None
    # Without a tenant there is no address for a stylesheet, and perhaps no store to ask for one.
    style, source = _own_style() if tenant is None else ("", SELF)
    text = _templates.get_template(template).render(theme=theme, base=base, style=style, **context)
    response = Response(text, status=status, content_type="text/html; charset=utf-8")
    if tenant is not None:
        forms.remember_browser(flask.request, response, tenant)
    return protect(response, form_action, source)


def redirect(address: str) -> Response:
    """Send the browser elsewhere, with GET whatever this was (RFC 9700 section 4.12)."""
    response = Redirect("", status=303, content_type="text/html; charset=utf-8")
    response.headers["Location"] = address
    return protect(response)


def ask_again(tenant: TenantRecord, address: str) -> Response:
    """Have the browser ask one of our own addresses with GET; or say that it would be too long for that."""
    if len(address) > LONGEST_ADDRESS_CHARACTERS:
        return problem(tenant, "The request is too long.")
    return redirect(address)


def protect(response: Response, form_action: str = SELF, style: str = SELF) -> Response:
    """Set the headers that every answer of a page has."""
    response.headers["Content-Security-Policy"] = _POLICY.format(style, form_action)
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    return replies.harden(response)


def problem(tenant: TenantRecord | None, text: str, status: int = 400) -> Response:
    """Tell the person what is wrong."""
    title = _TITLES.get(status, "That did not work")
    return render("problem.html", tenant, status, text=text, title=title, link=None)


def error_page(error: Exception) -> Response:
    """Answer any error of a page. What is not expected is logged and answered without a word about it."""
    if isinstance(error, StoreUnavailable):
        response = problem(None, "The server can't answer just now.", 503)
        response.headers["Retry-After"] = str(replies.RETRY_AFTER_SECONDS)
        return response
    if isinstance(error, forms.StaleForm):
        return problem(None, str(error))
    if isinstance(error, ProblemError | HTTPException | OAuth2Error):
        plain = replies.error_reply(error)
        response = problem(None, _TEXTS.get(plain.status_code, _TEXTS[400]), plain.status_code)
        if "Allow" in plain.headers:
            response.headers["Allow"] = plain.headers["Allow"]
        return response
    log.error("a page failed in a way that is not expected", exc_info=error)
    return problem(None, "It is not your doing. Whoever runs this server can find out more.", 500)


def stylesheet(theme: themes.Theme) -> Response:
    """Give the stylesheet, with the colour of a tenant."""
    response = Response(_style(theme), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={STYLE_SECONDS}"
    return replies.harden(response)


def _style(theme: themes.Theme) -> str:
    return _templates.get_template("style.css").render(theme=theme)


@functools.cache
def _own_style() -> tuple[str, str]:
    """Give the stylesheet to be put into a page, and how CSP knows it: by its digest."""
    text = _style(themes.Theme(""))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"'sha256-{digest}'"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")


_templates.filters.update(moment=_moment, iso=_iso)
