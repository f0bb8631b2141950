"""Session fixation, and cookies that an attacker plants, as a page of a neighbouring host can."""

from collections.abc import Callable

import pytest

from rescind.domain.people import users
from tests.servers import Client, Server, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

pytestmark = [pytest.mark.requirement("AZ-15"), pytest.mark.usefixtures("cheap_hashes")]
SESSION = "rescind_session"


def plant(browser: Browser, tenant: Tenant, name: str, value: str, path: str = "") -> None:
    """Set a cookie as a page of a neighbouring host would."""
    browser.http.cookies.set(name, value, domain="127.0.0.1", path=f"/t/{tenant.name}{path}")


def test_the_cookie_before_a_sign_in_is_not_the_one_after_it(
    browser: Browser, new_browser: Callable[[], Browser], client: Client, alice: str
) -> None:
    plant(browser, client.tenant, SESSION, "known-to-the-attacker")
    browser.sign_in(ask(browser, client))
    attackers = new_browser()
    plant(attackers, client.tenant, SESSION, "known-to-the-attacker")

    page = attackers.open(account_of(client.tenant))

    assert browser.cookie(SESSION) not in ("", "known-to-the-attacker")
    assert page.form("/sign-in")


def test_the_attackers_own_session_does_not_become_the_victims(
    browser: Browser, mallorys: Browser, client: Client, alice: str
) -> None:
    plant(browser, client.tenant, SESSION, mallorys.cookie(SESSION))
    browser.sign_in(ask(browser, client, prompt="login"))

    page = mallorys.open(account_of(client.tenant))

    assert browser.cookie(SESSION) != mallorys.cookie(SESSION)
    assert "<strong>alice</strong>" not in page.text
    assert "<strong>alice</strong>" in browser.open(account_of(client.tenant)).text


def test_signing_in_again_makes_the_cookie_of_before_worthless(
    browser: Browser, new_browser: Callable[[], Browser], client: Client, alice: str
) -> None:
    browser.sign_in(ask(browser, client))
    thief = new_browser()
    plant(thief, client.tenant, SESSION, browser.cookie(SESSION))
    browser.sign_in(ask(browser, client, prompt="login"))

    page = thief.open(account_of(client.tenant))

    assert page.form("/sign-in")
    assert "<strong>alice</strong>" in browser.open(account_of(client.tenant)).text


def test_rubbish_in_the_cookies_keeps_nobody_out(alices: Browser, client: Client) -> None:
    plant(alices, client.tenant, SESSION, "rubbish", path="/oauth2")
    plant(alices, client.tenant, "rescind_browser", "rubbish", path="/consent")

    page = ask(alices, client)

    assert alices.send(page.form("/consent"), "allow").answer["code"]


@pytest.mark.parametrize(
    "value",
    ["\x80\xff", "x" * 7000, '"quoted\\000"', "=;=;", "\xe2\x80\xae"],
    ids=["no UTF-8", "long", "NUL", "no pairs", "right to left"],
)
@pytest.mark.parametrize("name", [SESSION, "rescind_browser"])
def test_a_cookie_of_any_bytes_is_no_session(server: Server, tenant: Tenant, name: str, value: str) -> None:
    assert server.app is not None

    with server.app.test_client(use_cookies=False) as http:
        reply = http.get(account_of(tenant), headers={"Cookie": f"{name}={value}"})

        assert reply.status_code == 200
        assert '/sign-in"' in reply.text


@pytest.mark.requirement("TEN-09")
def test_a_tenant_whose_name_begins_with_anothers_gets_none_of_its_cookies(
    server: Server, new_browser: Callable[[], Browser], tenant: Tenant
) -> None:
    longer = server.new_tenant(f"{tenant.name}2")
    browser = signed_in(new_browser(), tenant)
    browser.open(account_of(tenant))

    reply = browser.http.get(account_of(longer))

    assert "Cookie" not in reply.request.headers
    assert '/sign-in"' in reply.text


@pytest.mark.requirement("TEN-09")
def test_a_session_and_a_consent_of_a_tenant_are_nothing_at_another(
    alices: Browser, client: Client, other_tenant: Tenant
) -> None:
    tokens_of(client, allowed(alices, client, scope="notes"))
    twin = new_client(other_tenant, client_id=client.client_id)
    signed_in(alices, other_tenant)

    page = ask(alices, twin)

    assert page.form("/consent")
    assert "No app has access" in alices.open(account_of(other_tenant)).text


def test_who_signs_in_as_somebody_else_leaves_no_session_behind(
    alices: Browser, client: Client, resource_server: Client
) -> None:
    users.create(client.tenant.server.authority, client.tenant.record, "bob", PASSWORD)
    tokens = tokens_of(client, allowed(alices, client, scope="notes"))
    of_alice = alices.cookie(SESSION)

    alices.sign_in(ask(alices, client, prompt="login"), "bob")
    page = alices.open(account_of(client.tenant))
    plant(alices, client.tenant, SESSION, of_alice)

    assert "<strong>bob</strong>" in page.text
    assert alices.open(account_of(client.tenant)).form("/sign-in")
    assert not resource_server.is_active(tokens["access_token"])
