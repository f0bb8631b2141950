"""Forms that only the browser can send back to which they were shown.

What a form is about is sealed into it, under the random cookie of the browser: this is the CSRF protection of
every page. A form can be read by whoever has it, but not changed, and not sent from another browser.

A page of a neighbouring host can put a cookie of its own choice into a browser, though, and so have a form
sent that the server has sealed for that one. Therefore what browsers say of where a form was comes on top.
"""

import hashlib
import secrets
from typing import Any

from flask import Request, Response
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.protocol.forms import read_form
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.store.records import TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies
from rescind.web.wire import bodies
from rescind.web.wire.replies import ProblemError

FIELD = "form"
FORM_SECONDS = 3600
# The clock of the host that showed a form may be ahead of the one to which it is sent.
SKEW_SECONDS = 60

_NEW = "rescind.new_browser"
_SEVERAL = (
    "Your browser sends several cookies where there can be one, so whose sign-in this is can't be told. "
    "Remove the cookies of this address from the browser and start again."
)
# Fetch Metadata: "none" is the person's own doing, such as a reload. Older browsers do not say.
_OF_OURS = frozenset({"same-origin", "none"})
# Of neither can there be two where somebody acts in a session; to sign out is to end each of them.
ONE_SESSION = (cookies.SESSION, cookies.BROWSER)
ANY_SESSION = (cookies.BROWSER,)
_FIELDS = frozenset({FIELD, "username", "password", "new_password", "decision", "user_code", "name", "days"})


class StaleForm(Exception):
    """The form is another browser's or version's, was changed or is too old. The text is for the person."""

    def __init__(
        self, text: str = "This form is out of date. Go back to where you came from and start again."
    ) -> None:
        super().__init__(text)


class _Sealed(dict[str, Any]):
    """What a form is about. A form of a version that seals something else into it is out of date."""

    def __missing__(self, key: str) -> Any:
        raise StaleForm


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
    try:
        data, sealed_at = _serializer(authority, purpose, browser).loads(text, return_timestamp=True)
    except BadData:
        raise StaleForm from None
    if not -SKEW_SECONDS <= clock.now() - sealed_at.timestamp() <= max_age_seconds:
        raise StaleForm
    if not isinstance(data, dict):
        raise StaleForm
    return _Sealed(data)


def browser_of(request: Request, tenant: str) -> str:
    """Give the random value by which this browser is told from others.

    A new one for one that has none, or several: then one is an attacker's, who can have forms for it.
    """
    known = cookies.value_of(request, cookies.BROWSER, tenant)
    if known is not None:
        return known
    made: str = request.environ.setdefault(_NEW, secrets.token_urlsafe(32))
    return made


def remember_browser(request: Request, response: Response, tenant: TenantRecord) -> None:
    """Set the browser's cookie where it was made just now."""
    if _NEW in request.environ:
        cookies.set_cookie(response, cookies.BROWSER, tenant, request.environ[_NEW])


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
    authority: Authority,
    request: Request,
    tenant: str,
    action: str,
    *,
    single: tuple[str, ...] = ONE_SESSION,
) -> tuple[dict[str, str], dict[str, Any]]:
    """Read the fields of a posted form of the tenant, and what is sealed into it.

    Args:
        single: the cookies of which the browser may show one alone.

    Raises:
        StaleForm: it is not one that this browser was shown, or of too long ago.
        ProblemError: 404, there is no such tenant; 405, it was not posted; or the body is broken.
    """
    try:
        if request.method != "POST":
            raise ProblemError(405, allow="POST")
        if request.headers.get("Sec-Fetch-Site", "none") not in _OF_OURS:
            raise StaleForm
        if cookies.are_several(request, tenant, *single):
            raise StaleForm(_SEVERAL)
        fields, browser = read_posted(request), browser_of(request, tenant)
        data = unseal(authority, purpose_of(tenant, action), fields.get(FIELD, ""), browser)
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
