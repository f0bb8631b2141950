"""The pages that people see: server-rendered, and with the headers that keep them safe.

None needs a script. One answers a client by a form, one shows the password that is being typed.
"""

import base64
import functools
import hashlib
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.datastructures import Headers

from rescind.store.records import TenantRecord
from rescind.web.pages import cookies, forms, moments, themes
from rescind.web.wire import replies

SELF = "'self'"
NOBODY = "'none'"
STYLE_SECONDS = 300

_POLICY = (
    "default-src 'none'; {script}style-src {style}; img-src {images}; base-uri 'none'; "
    "frame-ancestors {framed_by}; form-action {form_action}"
)
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
    template: str,
    tenant: TenantRecord | None,
    status: int = 200,
    *,
    form_action: str = SELF,
    framed_by: str = NOBODY,
    script: str = "",
    logo: str | None = None,
    **context: Any,
) -> Response:
    """Make a page.

    Args:
        tenant: whose name, logo and colour it has; None where there is none to be named.
        form_action: where its forms may lead, redirects after them included, as CSP says it.
        framed_by: whose pages may show it in a frame, as CSP says it.
        script: the one that it may run, where it has one.
        logo: what it shows beside the tenant's own.

    Raises:
        StoreUnavailable: the tenant's theme could not be read.
    """
    authority = flask.current_app.extensions["rescind"].authority
    theme = themes.theme_of(authority, tenant) if tenant is not None else None
    base = cookies.tenant_path(tenant) if tenant is not None else None
    # Without a tenant there is no address for a stylesheet, and perhaps no store to ask for one.
    style, source = _own_style() if tenant is None else ("", SELF)
    text = _templates.get_template(template).render(
        theme=theme, base=base, style=style, script=script, **context
    )
    response = Response(text, status=status, content_type="text/html; charset=utf-8")
    if tenant is not None:
        forms.remember_browser(flask.request, response, tenant)
    # An app may wait for a window that it has opened to come back with an answer. A page that leads to no app
    # is nobody's to hold.
    opener = "same-origin" if form_action == SELF else "unsafe-none"
    response.headers["Cross-Origin-Opener-Policy"] = opener
    images = _images(theme.logo if theme is not None else None, logo)
    return _protect(
        response, form_action=form_action, style=source, script=script, framed_by=framed_by, images=images
    )


def redirect(address: str) -> Response:
    """Send the browser elsewhere, with GET whatever this was (RFC 9700 section 4.12)."""
    response = Redirect("", status=303, content_type="text/html; charset=utf-8")
    response.headers["Location"] = address
    return _protect(response)


def _protect(
    response: Response,
    *,
    form_action: str = SELF,
    style: str = SELF,
    script: str = "",
    framed_by: str = NOBODY,
    images: str = SELF,
) -> Response:
    """Set the headers that every answer of a page has."""
    response.headers["Content-Security-Policy"] = _POLICY.format(
        script=f"script-src {_source_of(script)}; " if script else "",
        style=style,
        images=images,
        framed_by=framed_by,
        form_action=form_action,
    )
    if framed_by == NOBODY:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    return replies.harden(response)


def stylesheet(theme: themes.Theme) -> Response:
    """Give the stylesheet, with the colour of a tenant."""
    response = Response(_style(theme), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={STYLE_SECONDS}"
    return replies.harden(response)


def _style(theme: themes.Theme) -> str:
    return _templates.get_template("style.css").render(theme=theme)


@functools.cache
def _own_style() -> tuple[str, str]:
    """Give the stylesheet to be put into a page, and how CSP knows it."""
    text = _style(themes.Theme(""))
    return text, _source_of(text)


def _source_of(text: str) -> str:
    """Name a style or script that stands in a page as CSP knows it: by its digest."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _images(*logos: str | None) -> str:
    """Name for CSP what a page shows, each to its path; a path has there no comma and no semicolon.

    Of our own origin is the icon that browsers ask for by themselves.
    """
    sources = [SELF]
    for logo in filter(None, logos):
        parts = urlsplit(logo)
        path = parts.path.replace(";", "%3B").replace(",", "%2C")
        sources.append("data:" if parts.scheme == "data" else f"{parts.scheme}://{parts.netloc}{path}")
    return " ".join(dict.fromkeys(sources))


_templates.filters.update(moment=moments.moment, iso=moments.iso, ago=moments.ago)
