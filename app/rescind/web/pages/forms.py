"""Forms that only the browser can send back to which they were shown.

What a form is about is sealed into it, under the random cookie of the browser: this is the CSRF protection of
every page. A form can be read by whoever has it, but not changed, and not sent from another browser.

A page of a neighbouring host can put a cookie of its own choice into a browser, though, and so have a form
sent that the server has sealed for that one. Therefore what browsers say of where a form was comes on top.
"""

import hashlib
import re
import secrets
from typing import Any

from flask import Request, Response
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.protocol.forms import read_form
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.store.records import TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError

COOKIE = "rescind_browser"
FIELD = "form"
FORM_SECONDS = 3600
# The clock of the host that showed a form may be ahead of the one to which it is sent.
SKEW_SECONDS = 60

_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")
_NEW = "rescind.new_browser"
# Fetch Metadata: "none" is the person's own doing, such as a reload. Older browsers do not say.
_OF_OURS = frozenset({"same-origin", "none"})
_FIELDS = frozenset({FIELD, "username", "password", "decision"})


class StaleForm(Exception):
    """The form is another browser's, was changed or is too old."""


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        """Give the time of the one clock."""
        return clock.now()


def seal(authority: Authority, purpose: str, data: dict[str, Any], browser: str) -> str:
    """Seal what a form is about.

    Args:
        purpose: which form it is, of which tenant; a seal is good for one purpose.
        data: JSON. It is signed, not encrypted.
        browser: the value of the browser's cookie.
    """
    return str(_serializer(authority, purpose, browser).dumps(data))


def unseal(
    authority: Authority, purpose: str, text: str, browser: str, max_age_seconds: int = FORM_SECONDS
) -> dict[str, Any]:
    """Read what a form is about.

    Raises:
        StaleForm: it was not sealed for this purpose and browser, or longer ago than that.
    """
    data: dict[str, Any]
    try:
        data, sealed_at = _serializer(authority, purpose, browser).loads(text, return_timestamp=True)
    except BadSignature:
        raise StaleForm from None
    if not -SKEW_SECONDS <= clock.now() - sealed_at.timestamp() <= max_age_seconds:
        raise StaleForm
    return data


def browser_of(request: Request) -> str:
    """Give the random value by which this browser is told from others; a new one for one that has none."""
    for known in cookies.values_of(request, COOKIE):
        if _WELL_FORMED.fullmatch(known):
            return known
    made: str = request.environ.setdefault(_NEW, secrets.token_urlsafe(32))
    return made


def remember_browser(request: Request, response: Response, tenant: TenantRecord) -> None:
    """Set the browser's cookie where it was made just now."""
    if _NEW in request.environ:
        cookies.set_cookie(response, COOKIE, tenant, request.environ[_NEW])


def read_posted(request: Request) -> dict[str, str]:
    """Read the fields of a form that was posted.

    Raises:
        StaleForm: it is none of ours.
        ProblemError: the body is too long or broken.
    """
    body = bodies.read_body(request)
    try:
        return dict(read_form(body, request.headers.get("Content-Type", ""), "", _FIELDS))
    except InvalidRequest:
        raise StaleForm from None


def purpose_of(tenant: str, action: str) -> str:
    """Name what a form of a tenant is for."""
    return f"{action} {tenant}"


def read_sealed(
    authority: Authority, request: Request, tenant: str, action: str
) -> tuple[dict[str, str], dict[str, Any]]:
    """Read the fields of a posted form of the tenant, and what is sealed into it.

    Raises:
        StaleForm: it is not one that this browser was shown, or of too long ago.
        ProblemError: 404, there is no such tenant; 405, it was not posted; or the body is broken.
    """
    try:
        if request.method != "POST":
            raise ProblemError(405, allow="POST")
        if request.headers.get("Sec-Fetch-Site", "none") not in _OF_OURS:
            raise StaleForm
        fields = read_posted(request)
        data = unseal(authority, purpose_of(tenant, action), fields.get(FIELD, ""), browser_of(request))
    except (StaleForm, ProblemError):
        # An unknown tenant is 404, whatever else is wrong.
        tenancy.admit(authority, tenant)
        raise
    return fields, data


def _serializer(authority: Authority, purpose: str, browser: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        # The last of them signs, all of them verify.
        list(reversed(authority.settings.secret_key)),
        salt=f"rescind form {purpose} {browser}",
        signer=_Signer,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
