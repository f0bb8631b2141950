"""A browser that is sent to `/oidc/logout`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rescind.domain.people import sessions
from rescind.domain.revoking.epochs import of_subject
from tests.protocol.id_tokens import signed_in
from tests.servers import Client, Tenant

AFTERWARDS = "https://client.example/bye"


@dataclass
class Browser:
    """A browser that is signed in, and what was granted in its session."""

    tenant: Tenant
    http: httpx.Client
    tokens: dict[str, Any]

    @property
    def id_token(self) -> str:
        """The ID token that the client has of this sign-in."""
        return str(self.tokens["id_token"])

    def go(self, **query: str) -> httpx.Response:
        """Follow a link to the logout."""
        return self.http.get(f"/t/{self.tenant.name}/oidc/logout", params=query)

    def post(self, **form: str) -> httpx.Response:
        """Send a form to the logout."""
        return self.http.post(f"/t/{self.tenant.name}/oidc/logout", data=form)

    def confirm(self, page: httpx.Response) -> httpx.Response:
        """Press the button of the page that asks."""
        (sealed,) = re.findall(r'name="form" value="([^"]+)"', page.text)
        return self.post(form=sealed)


def sign_in(client: Client, subject: str = "alice") -> Browser:
    """Sign somebody in, and give the client what it gets of that."""
    tenant = client.tenant
    authority = tenant.server.authority
    epoch = of_subject(authority, tenant.record.id, subject)
    sid, cookie = sessions.open_session(
        authority, tenant.record, subject, subject_epoch=epoch, lifetime_seconds=3600
    )
    http = tenant.server.http()
    http.cookies.set("rescind_session", cookie, domain=http.base_url.host, path=f"/t/{tenant.name}")
    return Browser(tenant, http, signed_in(client, session_sid=sid) if subject == "alice" else {})


def shop(tenant: Tenant) -> Client:
    """Register a client with an address to go to after a logout."""
    return tenant.new_client(scope="openid read", name="Shop", post_logout_redirect_uris=(AFTERWARDS,))


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client with an address to go to after a logout."""
    return shop(tenant)


@pytest.fixture
def browser(client: Client) -> Iterator[Browser]:
    """Give a browser in which alice is signed in."""
    browser = sign_in(client)
    with browser.http:
        yield browser


def assert_signed_out(client: Client, browser: Browser) -> None:
    """Show that neither the tokens nor the cookie are good for anything."""
    assert not client.is_active(browser.tokens["access_token"])
    assert not client.is_active(browser.tokens["refresh_token"])
    assert "rescind_session" not in browser.http.cookies


def assert_signed_in(client: Client, browser: Browser) -> None:
    """Show that nothing has ended."""
    assert client.is_active(browser.tokens["access_token"])
    assert "rescind_session" in browser.http.cookies
