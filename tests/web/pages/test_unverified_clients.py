"""Clients that registered themselves, as people see them."""

import pytest

from tests.cli.shell import on_sqlite
from tests.protocol.registering import Registered, open_to
from tests.servers import CALLBACK, Tenant
from tests.web.pages.asking import allowed, ask, tokens_of
from tests.web.pages.browser import Browser

UNVERIFIED = "Nobody here has verified this app."


@pytest.fixture
def registered(tenant: Tenant) -> Registered:
    """Give a client in the web that has registered itself under a name."""
    return Registered.at(open_to(tenant, "open"), client_name="Ledger", logo_uri="https://evil.example/logo")


def test_people_are_told_that_nobody_has_verified_it_and_where_they_will_return_to(
    alices: Browser, registered: Registered
) -> None:
    page = ask(alices, registered.client, scope="openid")

    assert page.status == 200
    assert UNVERIFIED in page.text
    assert "Ledger" in page.text
    assert "at <strong>client.example</strong>" in page.text
    assert "evil.example" not in page.text


@on_sqlite
def test_who_is_asked_for_a_password_is_shown_its_host_and_nothing_that_it_says(
    browser: Browser, registered: Registered
) -> None:
    page = ask(browser, registered.client, scope="openid")

    assert page.form("/sign-in")
    assert "an app that nobody here has verified, at <strong>client.example</strong>" in page.text
    assert ">Back to client.example</a>" in page.text
    assert "Ledger" not in page.text


def test_people_are_asked_each_time_also_where_they_have_allowed_it_before(
    alices: Browser, registered: Registered
) -> None:
    client = registered.client
    tokens_of(client, allowed(alices, client, scope="openid"))

    again = ask(alices, client, scope="openid")

    assert UNVERIFIED in again.text
    assert "(consent_required)" in ask(alices, client, scope="openid", prompt="none").text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "more"}, "invalid_scope"),
        ({"scope": "more", "response_mode": "form_post"}, "invalid_scope"),
    ],
    ids=["no-session", "scope", "by-a-form"],
)
def test_a_link_through_it_leads_nobody_to_its_site_who_has_seen_no_page(
    browser: Browser, registered: Registered, changes: dict[str, str], error: str
) -> None:
    page = ask(browser, registered.client, **{"scope": "openid", **changes})

    assert (page.status, page.left_for) == (400, "")
    assert f"({error})" in page.text
    assert "Its address is client.example" in page.text


def test_a_program_on_the_own_machine_is_told_its_errors(browser: Browser, tenant: Tenant) -> None:
    native = {"redirect_uris": ["http://127.0.0.1/back"], "token_endpoint_auth_method": "none"}
    client = Registered.at(open_to(tenant, "open"), **native).client

    page = ask(browser, client, scope="openid", prompt="none", redirect_uri="http://127.0.0.1:51234/back")

    assert page.left_for.startswith("http://127.0.0.1:51234/back?error=login_required&")


def test_of_what_an_operator_registered_nothing_is_said(alices: Browser, tenant: Tenant) -> None:
    client = tenant.new_client(name="Notes", redirect_uris=[CALLBACK], scope="openid")

    assert UNVERIFIED not in ask(alices, client, scope="openid").text
