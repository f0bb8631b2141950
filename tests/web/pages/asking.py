"""Authorization requests, as clients send people's browsers with them."""

from rescind.domain import clock
from rescind.domain.people import sessions
from rescind.domain.registry import tenants
from rescind.domain.revoking.epochs import of_subject
from rescind.domain.tokens import pkce
from tests.servers import CALLBACK, VERIFIER, Client, Tenant
from tests.web.pages.browser import Browser, Page

STATE = "a state & more=%20"


def request(client: Client, **changes: str | None) -> dict[str, str]:
    """Make the parameters of a request; None takes one away."""
    parameters: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid notes",
        "state": STATE,
        "code_challenge": pkce.challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def ask(browser: Browser, client: Client, **changes: str | None) -> Page:
    """Send a browser to the authorize endpoint."""
    return browser.open(address_of(client.tenant), request(client, **changes))


def address_of(tenant: Tenant) -> str:
    """Give the address of the endpoint."""
    return f"{tenant.path}/authorize"


def account_of(tenant: Tenant) -> str:
    """Give the address of the account page."""
    return f"/t/{tenant.name}/account"


def allowed(browser: Browser, client: Client, **changes: str | None) -> Page:
    """Let who is signed in at the browser allow what the client asks for."""
    page = ask(browser, client, **changes)
    return browser.send(page.form("/consent"), "allow")


def tokens_of(client: Client, page: Page) -> dict[str, str]:
    """Exchange the code with which a browser came back."""
    reply = client.exchange(page.answer["code"])
    assert reply.status_code == 200, reply.text
    tokens: dict[str, str] = reply.json()
    return tokens


def signed_in(browser: Browser, tenant: Tenant, subject: str = "alice") -> Browser:
    """Give a browser a session without a password, which takes long to check."""
    authority = tenant.server.authority
    record = tenants.get(authority, tenant.name)
    epoch = of_subject(authority, record.id, subject)
    _, cookie = sessions.open_session(
        authority, record, subject, subject_epoch=epoch, lifetime_seconds=3600, auth_time=clock.now()
    )
    browser.http.cookies.set("rescind_session", cookie, domain="127.0.0.1", path=f"/t/{tenant.name}")
    return browser
