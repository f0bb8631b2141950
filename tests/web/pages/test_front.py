"""Who comes to an address by hand finds out what this is."""

import re

import pytest

from rescind.domain.registry import tenants
from tests.servers import Server, Tenant
from tests.web.pages.browser import Browser


def links_of(page: str) -> dict[str, str]:
    """Give where the links of a page lead, by their text."""
    return {text: address for address, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)}


def test_the_page_of_a_tenant_leads_to_the_account_and_the_metadata(
    browser: Browser, tenant: Tenant, server: Server
) -> None:
    page = browser.open(f"/t/{tenant.name}")

    links = links_of(page.text)
    account = browser.open(links["Your account"])
    with server.http() as http:
        metadata = http.get(links["Its metadata"]).json()
    assert page.status == 200
    assert tenant.name in page.text
    assert account.status == 200
    assert account.forms
    assert metadata["issuer"] == tenant.issuer


@pytest.mark.settings(public_url="https://example.com/auth")
def test_its_links_have_the_path_of_the_public_url(server: Server, tenant: Tenant) -> None:
    assert server.app is not None
    # The proxy that adds the path takes it off again.
    page = server.app.test_client().get(f"/t/{tenant.name}")

    assert links_of(page.text) == {
        "Your account": f"/auth/t/{tenant.name}/account",
        "Its metadata": f"{tenant.issuer}/.well-known/openid-configuration",
    }


def test_the_page_of_the_server_names_no_tenant(browser: Browser, tenant: Tenant, server: Server) -> None:
    page = browser.open("/")

    assert page.status == 200
    assert tenant.name not in page.text
    assert f"{server.base_url}/t/TENANT/account" in page.text
    assert f"{server.base_url}/t/TENANT/oauth2/token/.well-known/openid-configuration" in page.text
    assert page.response.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'sha256-"
    )


def test_a_tenant_that_is_not_there_has_no_page(browser: Browser, tenant: Tenant) -> None:
    tenants.disable(tenant.server.authority, tenant.name, actor="test")

    pages = [browser.open(f"/t/{name}") for name in (tenant.name, "nobody", "%2e%2e")]

    assert [page.status for page in pages] == [404] * 3


@pytest.mark.parametrize("path", ["/", "/t/{tenant}"])
def test_nothing_is_posted_to_them(server: Server, tenant: Tenant, path: str) -> None:
    with server.http() as http:
        reply = http.post(path.format(tenant=tenant.name))

    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD")
    assert reply.headers["Content-Type"].startswith("text/html")
