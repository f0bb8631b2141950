"""Open redirects by way of a host's own sign-in: what it is told to send people back to is ours, always."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.servers import Client
from tests.web.pages.asking import account_of, address_of, request
from tests.web.pages.browser import Browser
from tests.web.pages.hosts import WhoAmI, server, whoami

__all__ = ["server", "whoami"]

EVIL = "https://evil.example/"


@pytest.mark.parametrize("where", ["oauth2/authorize", "account"])
def test_the_address_to_come_back_to_is_a_path_of_the_tenant_whatever_the_link_says(
    browser: Browser, client: Client, whoami: WhoAmI, where: str
) -> None:
    whoami.named = None
    smuggled = {"next": EVIL, "login_url": EVIL, "rescind_waiting": EVIL}

    reply = browser.http.get(
        f"/t/{client.tenant.name}/{where}",
        params={**request(client), **smuggled},
        headers={"Host": "evil.example"},
    )

    address = urlsplit(reply.headers["Location"])
    assert (address.scheme, address.netloc, address.path) == ("", "", "/login")
    (back,) = parse_qs(address.query)["next"]
    assert back.startswith(f"/t/{client.tenant.name}/{where}?")
    assert parse_qs(address.query).keys() == {"from", "next"}
    assert address_of(client.tenant) in back or account_of(client.tenant) in back


def test_an_error_does_not_go_to_the_host_nor_anywhere(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    whoami.named = None

    reply = browser.http.get(address_of(client.tenant), params=request(client, redirect_uri=EVIL))

    assert reply.status_code == 400
    assert "Location" not in reply.headers
