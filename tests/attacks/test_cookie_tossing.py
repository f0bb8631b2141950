"""Cookies that a page of a neighbouring host sets for ours, so that the browser sends several of one name."""

import secrets
from collections.abc import Callable

import pytest

from rescind.domain.people import users
from tests.attacks.forms import FORMS, filled
from tests.servers import Client
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser

pytestmark = [pytest.mark.requirement("AZ-15"), pytest.mark.usefixtures("cheap_hashes")]
SESSION, BROWSER = "rescind_session", "rescind_browser"
with_https = pytest.mark.settings(public_url="https://auth.example.com")


def junk(count: int) -> list[str]:
    """Make values as ours look that are none of ours."""
    return [secrets.token_urlsafe(32) for _ in range(count)]


def toss(browser: Browser, name: str, values: list[str]) -> None:
    """Have a browser send these values of a name, before the one that it has."""
    kept = {each: browser.cookie(each) for each in (SESSION, BROWSER) if browser.cookie(each)}
    pairs = [f"{name}={value}" for value in values]
    browser.http.headers["Cookie"] = "; ".join(pairs + [f"{each}={kept[each]}" for each in kept])


@pytest.mark.parametrize("count", [0, 1, 3, 4, 40])
def test_whatever_the_number_the_attackers_session_is_not_acted_in(
    alices: Browser, mallorys: Browser, client: Client, count: int
) -> None:
    tokens_of(client, allowed(mallorys, client))
    toss(alices, SESSION, [*junk(count), mallorys.cookie(SESSION)])

    page = ask(alices, client)

    assert page.left_for == ""
    assert "mallory" not in page.text
    assert page.form("/sign-in")
    assert ask(alices, client, prompt="none").answer["error"] == "login_required"


@pytest.mark.parametrize("count", [1, 3, 40])
def test_beside_a_value_that_is_no_session_somebody_is_asked_again_too(
    alices: Browser, client: Client, count: int
) -> None:
    toss(alices, SESSION, junk(count))

    page = ask(alices, client)

    assert page.form("/sign-in")


@pytest.mark.requirement("LGO-03")
def test_a_session_that_is_hidden_behind_junk_ends_by_a_logout(
    alices: Browser, client: Client, resource_server: Client
) -> None:
    tokens = tokens_of(client, allowed(alices, client, scope="notes"))
    # Of this browser the page is to know that, and has its cookie for that.
    alices.open(account_of(client.tenant))
    toss(alices, SESSION, junk(40))
    page = alices.open(f"/t/{client.tenant.name}/oidc/logout")
    was_active = resource_server.is_active(tokens["access_token"])

    alices.send(page.form("/oidc/logout"))

    assert was_active
    assert not resource_server.is_active(tokens["access_token"])


@pytest.mark.parametrize("name", [SESSION, BROWSER])
@pytest.mark.parametrize("path", [path for path in FORMS if path != "oidc/logout"])
def test_a_form_is_not_taken_and_the_person_is_told_what_to_do(
    alices: Browser, client: Client, resource_server: Client, name: str, path: str
) -> None:
    form = FORMS[path](alices, client)
    toss(alices, name, junk(1))

    page = alices.post(form.action, filled(form))

    assert page.status == 400
    assert page.left_for == ""
    assert "Remove the cookies of this address" in page.text


def test_a_form_for_a_cookie_that_the_attacker_put_in_front_signs_nobody_in(
    browser: Browser, mallorys: Browser, client: Client
) -> None:
    users.create(client.tenant.server.authority, client.tenant.record, "mallory", PASSWORD)
    form = FORMS["sign-in"](mallorys, client)
    browser.open(account_of(client.tenant))
    toss(browser, BROWSER, [mallorys.cookie(BROWSER)])

    page = browser.post(form.action, filled(form, "mallory"))

    assert page.status == 400
    assert browser.cookie(SESSION) == ""


@with_https
def test_with_https_what_others_can_set_is_nothing(
    browser: Browser, new_browser: Callable[[], Browser], client: Client, alice: str
) -> None:
    browser.sign_in(ask(browser, client))
    name = f"__Host-{SESSION}_{client.tenant.name}"
    value = browser.cookie(name)
    planted = new_browser()
    planted.http.headers["Cookie"] = f"{SESSION}={value}; {SESSION}_{client.tenant.name}={value}"

    page = planted.open(account_of(client.tenant))

    assert value
    assert page.form("/sign-in")
    assert "<strong>alice</strong>" in browser.open(account_of(client.tenant)).text


@with_https
@pytest.mark.requirement("TEN-09")
def test_with_https_the_tenants_of_a_host_do_not_take_each_others_cookies(
    browser: Browser, client: Client, alice: str
) -> None:
    tenant = client.tenant
    longer = tenant.server.new_tenant(f"{tenant.name}2")
    users.create(tenant.server.authority, longer.record, "bob", PASSWORD)

    browser.sign_in(ask(browser, client))
    before = browser.open(account_of(longer))
    browser.sign_in(before, "bob")

    assert before.form("/sign-in")
    assert "<strong>alice</strong>" in browser.open(account_of(tenant)).text
    assert "<strong>bob</strong>" in browser.open(account_of(longer)).text


@with_https
def test_with_https_signing_out_takes_the_cookie_away(browser: Browser, client: Client, alice: str) -> None:
    browser.sign_in(ask(browser, client))
    page = browser.open(account_of(client.tenant))

    browser.send(page.form("/account/sign-out-everywhere"))

    assert browser.cookie(f"__Host-{SESSION}_{client.tenant.name}") == ""
    assert browser.open(account_of(client.tenant)).form("/sign-in")


def test_a_value_that_is_sent_twice_is_one(alices: Browser, client: Client) -> None:
    toss(alices, SESSION, [alices.cookie(SESSION)])

    assert ask(alices, client).form("/consent")
    assert signed_in(alices, client.tenant)
