"""The sign-in page, or the way to the sign-in of a host that has its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask
from flask import Response

from rescind.domain.authority import Authority
from rescind.protocol.rfc6749_authorize import FRESH_SECONDS
from rescind.store.records import SessionRecord, TenantRecord
from rescind.web.pages import answers, cookies, forms, problems, publishers, rendering
from rescind.web.pages.asking import Asking
from rescind.web.pages.forms import StaleForm
from rescind.web.pages.hosts import Host

PURPOSE = "sign-in"
# In the address to which a host sends people back: since when a sign-in is waited for.
WAITING = "rescind_waiting"
# Without it the button stays hidden, which does nothing else.
SHOW_PASSWORD = """
const field = document.getElementById("password"), button = document.getElementById("show");
button.hidden = false;
button.addEventListener("click", () => {
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});
"""
ACCOUNT = "/account"
_BACK = "back"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sign-in page shows, beside what its tenant gives it.

    Attributes:
        unverified_at: the host of a client that nobody has verified, whose name is then not shown: whoever is
            asked for a password here reads nothing that a stranger has written.
        destination: the host to which the way back leads.
    """

    form: str
    username: str = ""
    error: str = ""
    client_name: str = ""
    unverified_at: str | None = None
    destination: str = ""
    form_action: str = rendering.SELF
    way_back: str | None = None


def shown_for(authority: Authority, taken: Asking | None, form: str, username: str) -> Shown:
    """Say what the page shows to somebody, whom a client may have sent."""
    if taken is None:
        return Shown(form, username)
    publisher = publishers.publisher_of(taken.client)
    destination = answers.destination(taken.asked.address)
    return Shown(
        form,
        username,
        client_name=taken.client_name,
        unverified_at=None if publisher.is_verified else publisher.published_at or destination,
        destination=destination,
        form_action=answers.leads_to(taken.asked.address.redirect_uri),
        way_back=answers.way_back(authority, taken),
    )


def page(tenant: TenantRecord, shown: Shown, status: int = 200) -> Response:
    """Make the page. But for what it says, it is the same for every reason why it is shown again."""
    return rendering.render(
        "sign_in.html",
        tenant,
        status,
        form_action=shown.form_action,
        script=SHOW_PASSWORD,
        form=shown.form,
        username=shown.username,
        error=shown.error,
        client_name=shown.client_name,
        unverified_at=shown.unverified_at,
        destination=shown.destination,
        way_back=shown.way_back,
    )


def ask(authority: Authority, host: Host | None, tenant: TenantRecord, *, back: str = ACCOUNT) -> Response:
    """Ask somebody to sign in who came to a page of their own.

    Args:
        back: its address, behind that of the tenant.
    """
    if host is not None:
        has_waited = waits_since(authority, tenant, flask.request.args) is not None
        return send_to_host(authority, host, tenant, has_waited=has_waited)
    browser = forms.browser_of(flask.request, tenant.name)
    purpose = forms.purpose_of(tenant.name, PURPOSE)
    return page(tenant, Shown(forms.seal(authority, purpose, {_BACK: back}, browser)))


def back_to(tenant: TenantRecord, data: Mapping[str, Any]) -> str:
    """Give where somebody goes on who has signed in for a page of their own, by what the form holds."""
    # Another version may have shown it, for the account page alone.
    return f"{cookies.tenant_path(tenant)}{data.get(_BACK, ACCOUNT)}"


def send_to_host(authority: Authority, host: Host, tenant: TenantRecord, *, has_waited: bool) -> Response:
    """Send somebody to sign in at the host; or tell them, where they have come back without.

    A host that takes a new sign-in for unnecessary would send them back at once, and so in a circle.
    """
    request = flask.request
    browser = forms.browser_of(request, tenant.name)
    sent = request.query_string.decode("ascii", "replace").split("&")
    seal = forms.seal(authority, forms.purpose_of(tenant.name, WAITING), {"at": tenant.read_at}, browser)
    kept = [part for part in sent if part and not part.startswith(f"{WAITING}=")]
    path = f"{cookies.tenant_path(tenant)}{request.path.removeprefix(f'/t/{tenant.name}')}"
    address = host.login_address(f"{path}?{'&'.join([*kept, urlencode({WAITING: seal})])}")
    if has_waited:
        return problems.problem(
            tenant,
            "Your last sign-in has ended here, or is not recent enough.",
            403,
            title="Sign in again",
            advice="Sign in once more to go on.",
            link=(address, "Sign in"),
        )
    response = rendering.redirect(address)
    forms.remember_browser(request, response, tenant)
    return response


def waits_since(authority: Authority, tenant: TenantRecord, sent: Mapping[str, str]) -> int | None:
    """Tell since when this request has waited for a sign-in at the host; None if it has not."""
    purpose = forms.purpose_of(tenant.name, WAITING)
    browser = forms.browser_of(flask.request, tenant.name)
    try:
        return int(forms.unseal(authority, purpose, sent.get(WAITING, ""), browser)["at"])
    except StaleForm:
        return None


def is_fresh(session: SessionRecord, waits_since: int, now: int) -> bool:
    """Tell whether a sign-in at the host is the one that was waited for, and not one of long ago.

    The address to which people came back from it stays in the browser's history.
    """
    return session.auth_time >= waits_since and now - session.auth_time <= FRESH_SECONDS
