"""What the consent page says: who asks, whether anybody stands for it, for what, and of whom."""

import html
import re

import pytest

from rescind.domain.people import users
from rescind.domain.registry import clients, scope_texts
from rescind.errors import BadValue
from rescind.store import clients as client_rows
from tests.cli.shell import on_sqlite
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, ask, tokens_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client

LOGO = "https://cdn.example:8443/logos/notes,1;2.png?v=3"
pytestmark = on_sqlite


def words(page: Page) -> str:
    """Give the text of a page, with one space between words."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def images(page: Page) -> str:
    """Give what CSP lets a page show."""
    policy = page.response.headers["Content-Security-Policy"]
    return policy.split("img-src ")[1].split(";")[0]


def test_it_says_whose_app_it_is_with_its_logo_and_lets_nothing_else_be_shown(
    alices: Browser, tenant: Tenant
) -> None:
    client = new_client(tenant, logo_url=LOGO, home_url="https://notes.example/about")

    page = ask(alices, client)

    assert "Notes of notes.example" in words(page)
    assert 'href="https://notes.example/about"' in page.text
    assert html.escape(LOGO) in page.text
    assert images(page) == "'self' https://cdn.example:8443/logos/notes%2C1%3B2.png"
    assert images(alices.open(account_of(tenant))) == "'self'"
    assert "verified" not in page.text


def test_of_an_app_that_nobody_has_registered_it_says_so_and_shows_no_logo(
    alices: Browser, tenant: Tenant
) -> None:
    client = new_client(tenant, logo_url=LOGO, home_url="https://notes.example/")
    come_by_itself(client)

    page = ask(alices, client)

    assert "Notes of notes.example Nobody here has verified this app" in words(page)
    assert (LOGO in html.unescape(page.text), '<a href="https://notes.example' in page.text) == (False, False)
    assert images(page) == "'self'"


def come_by_itself(client: Client) -> None:
    """Have a client look as if it had registered itself."""
    store, tenant_id = client.tenant.server.authority.store, client.tenant.record.id
    store.transact(
        lambda tx: client_rows.change(tx, tenant_id, client.client_id, {"provenance": "registered"})
    )


def test_a_tenants_sentences_stand_on_both_pages_beside_ours(alices: Browser, tenant: Tenant) -> None:
    client = new_client(tenant, scope="openid email notes other")
    for value, text in (("notes", "read & change your notes"), ("email", "write to you")):
        scope_texts.put(tenant.server.authority, tenant.record, value, text)
    told = "know who you are openid write to you email read & change your notes notes use other"

    pages = [ask(alices, client, scope="openid email notes other")]
    tokens_of(client, alices.send(pages[0].form("/consent"), "allow"))
    pages.append(alices.open(account_of(tenant)))

    assert [told in words(page) for page in pages] == [True, True]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("logo_url", "http://cdn.example/logo.png", "A logo is an https URL"),
        ("logo_url", "javascript:alert(1)", "A logo is an https URL"),
        ("home_url", "http://localhost/", "A home page is an https URL"),
        ("home_url", "https://notes.example/ ", "A home page is absolute"),
    ],
    ids=["plain logo", "script logo", "plain home", "space in home"],
)
def test_what_is_no_address_of_a_logo_or_home_page_is_refused(
    tenant: Tenant, option: str, value: str, said: str
) -> None:
    client = new_client(tenant)

    with pytest.raises(BadValue, match=said):
        clients.update(tenant.server.authority, tenant.record, client.client_id, **{option: value})


def test_people_are_called_by_their_name(alices: Browser, client: Client) -> None:
    tenant = client.tenant
    users.create(tenant.server.authority, tenant.record, "alice", display_name="Alice Ames")

    pages = [ask(alices, client), alices.open(account_of(tenant))]

    assert "access to your account, Alice Ames (alice)" in words(pages[0])
    assert "Signed in as Alice Ames (alice)" in words(pages[1])
