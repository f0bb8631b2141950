"""Client ids of any printable ASCII on the pages: shown as text, sealed in forms, encoded in addresses."""

from html import escape

import pytest

from tests.protocol.client_ids import each_id
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

BYE = "https://client.example/bye"


@pytest.fixture
def named(tenant: Tenant, client_id: str) -> Client:
    return new_client(tenant, client_id=client_id, name=None, post_logout_redirect_uris=[BYE])


@each_id
def test_a_person_signs_in_and_allows_and_comes_back_with_a_code(
    browser: Browser, alice: str, named: Client
) -> None:
    consent = browser.sign_in(ask(browser, named), password=PASSWORD)

    page = browser.send(consent.form("/consent"), "allow")

    assert escape(named.client_id) in unified(consent.text)
    assert tokens_of(named, page)["access_token"]


@each_id
def test_a_person_takes_back_what_was_allowed(
    alices: Browser, named: Client, resource_server: Client
) -> None:
    token = tokens_of(named, allowed(alices, named))["access_token"]
    assert resource_server.is_active(token)
    account = alices.open(account_of(named.tenant))

    alices.send(account.form("/remove-access"))

    assert escape(named.client_id) in unified(account.text)
    assert not resource_server.is_active(token)


@each_id
def test_a_sign_out_leads_back_to_the_client(alices: Browser, named: Client) -> None:
    query = {"client_id": named.client_id, "post_logout_redirect_uri": BYE}

    asked = alices.open(f"/t/{named.tenant.name}/oidc/logout", query)

    assert alices.send(asked.form("/logout")).left_for == BYE


def unified(text: str) -> str:
    """Write what the templates' escaping spells another way as the standard library does."""
    return text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
