"""What began before "sign out everywhere", or another revocation, gets nothing after it."""

from collections.abc import Callable
from typing import Any

import pytest

from rescind.domain.registry import clients
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.selectors import Selector
from tests.servers import CALLBACK, Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser, Page
from tests.web.pages.conftest import new_client
from tests.web.pages.interrupting import once_was_read

NOW = 1_800_000_000


def sign_out_everywhere(browser: Browser, tenant: Tenant) -> Page:
    return browser.send(browser.open(account_of(tenant)).form("/sign-out-everywhere"))


def revoke(tenant: Tenant, selector: Selector) -> None:
    revocation.revoke(tenant.server.authority, selector, Cause("test", "operator:test"))


def test_it_ends_every_session_and_grant(
    alices: Browser, new_browser: Callable[[], Browser], client: Client, resource_server: Client
) -> None:
    phone = signed_in(new_browser(), client.tenant)
    here = tokens_of(client, allowed(alices, client))
    for_good = tokens_of(client, allowed(phone, client, scope="offline_access"))

    page = sign_out_everywhere(alices, client.tenant)

    assert "signed out everywhere" in page.text
    assert not resource_server.is_active(here["access_token"])
    assert not resource_server.is_active(for_good["access_token"])
    assert client.refresh(for_good["refresh_token"]).status_code == 400
    assert phone.open(account_of(client.tenant)).form("/sign-in")


def test_it_leaves_other_people(
    alices: Browser, mallorys: Browser, client: Client, resource_server: Client
) -> None:
    mallory = tokens_of(client, allowed(mallorys, client))

    sign_out_everywhere(alices, client.tenant)

    assert resource_server.is_active(mallory["access_token"])
    assert "mallory" in mallorys.open(account_of(client.tenant)).text


def test_a_cookie_from_before_is_no_session(alices: Browser, client: Client) -> None:
    cookie = alices.cookie("rescind_session")
    sign_out_everywhere(alices, client.tenant)
    alices.http.cookies.set("rescind_session", cookie, domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    page = ask(alices, client)

    assert page.form("/sign-in")


@pytest.mark.parametrize("is_again", [False, True], ids=["at a new browser", "where alice is signed in"])
def test_a_sign_in_that_was_under_way_gets_no_session(
    browser: Browser, client: Client, alice: str, is_again: bool
) -> None:
    name = client.tenant.name
    known = signed_in(browser, client.tenant).cookie("rescind_session") * is_again
    browser.http.cookies.set("rescind_session", known, domain="127.0.0.1", path=f"/t/{name}")
    page = ask(browser, client, prompt="login")

    with once_was_read(
        client.tenant, "password_hash", lambda: revoke(client.tenant, selectors.Subject(name, "alice"))
    ):
        sent = browser.sign_in(page)

    assert sent.status == 400
    assert "out of date" in sent.text
    assert browser.cookie("rescind_session") == known
    assert browser.open(account_of(client.tenant)).form("/sign-in")
    assert browser.sign_in(ask(browser, client)).form("/consent")


def test_a_consent_form_from_before_gets_no_code(
    alices: Browser, new_browser: Callable[[], Browser], client: Client
) -> None:
    page = ask(alices, client)
    sign_out_everywhere(signed_in(new_browser(), client.tenant), client.tenant)

    sent = alices.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


def test_a_consent_form_from_before_gets_no_code_even_after_a_new_sign_in(
    alices: Browser, client: Client
) -> None:
    page = ask(alices, client)
    sign_out_everywhere(alices, client.tenant)
    signed_in(alices, client.tenant)

    sent = alices.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


def test_a_code_from_before_gets_no_tokens(
    alices: Browser, new_browser: Callable[[], Browser], client: Client
) -> None:
    code = allowed(alices, client).answer["code"]
    sign_out_everywhere(signed_in(new_browser(), client.tenant), client.tenant)

    reply = client.exchange(code)

    assert reply.json()["error"] == "invalid_grant"


def test_consent_is_not_remembered_from_before(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client))
    sign_out_everywhere(alices, client.tenant)
    signed_in(alices, client.tenant)

    page = ask(alices, client)

    assert page.form("/consent")


def test_signing_in_again_works(
    browser: Browser, client: Client, alice: str, resource_server: Client
) -> None:
    browser.sign_in(browser.open(account_of(client.tenant)))
    sign_out_everywhere(browser, client.tenant)

    consent = browser.sign_in(ask(browser, client))
    tokens = tokens_of(client, browser.send(consent.form("/consent"), "allow"))

    assert resource_server.is_active(tokens["access_token"])


@pytest.mark.parametrize("kind", ["tenant", "client"])
def test_a_sign_in_form_from_before_a_revocation_gets_no_code(
    browser: Browser, client: Client, alice: str, kind: str
) -> None:
    page = ask(browser, client)
    name = client.tenant.name
    chosen: dict[str, Selector] = {
        "tenant": selectors.Tenant(name),
        "client": selectors.Client(name, client.client_id),
    }
    revoke(client.tenant, chosen[kind])

    sent = browser.sign_in(page, "alice", PASSWORD)

    assert sent.status == 400
    assert browser.cookie("rescind_session") == ""


@pytest.mark.parametrize("kind", ["tenant", "client", "subject"])
def test_a_consent_form_from_before_a_revocation_gets_no_code(
    alices: Browser, client: Client, kind: str
) -> None:
    page = ask(alices, client)
    name = client.tenant.name
    chosen: dict[str, Selector] = {
        "tenant": selectors.Tenant(name),
        "client": selectors.Client(name, client.client_id),
        "subject": selectors.Subject(name, "alice"),
    }
    revoke(client.tenant, chosen[kind])

    sent = alices.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


def test_a_form_whose_redirect_uri_was_taken_away_leads_nowhere(alices: Browser, client: Client) -> None:
    page = ask(alices, client)
    record = client.tenant.record
    clients.update(
        client.tenant.server.authority, record, client.client_id, redirect_uris=[f"{CALLBACK}/new"]
    )

    sent = alices.send(page.form("/consent"), "deny")

    assert sent.status == 400
    assert sent.left_for == ""


@pytest.mark.parametrize(
    "changes",
    [{"scope": "openid"}, {"grant_types": ["refresh_token"]}],
    ids=["a scope", "codes"],
)
@pytest.mark.parametrize("action", ["/consent", "/switch-account"])
def test_a_form_asks_for_nothing_that_was_taken_from_the_client_meanwhile(
    alices: Browser, client: Client, changes: dict[str, Any], action: str
) -> None:
    form = ask(alices, client).form(action)
    authority, record = client.tenant.server.authority, client.tenant.record
    clients.update(authority, record, client.client_id, **changes)

    sent = alices.send(form)

    assert sent.status == 400
    assert sent.left_for == ""


def test_a_form_of_a_client_that_was_deleted_and_made_again_leads_nowhere(
    alices: Browser, client: Client
) -> None:
    form = ask(alices, client).form("/consent")
    authority, record = client.tenant.server.authority, client.tenant.record
    clients.delete(authority, record, client.client_id, actor="operator:test")
    new_client(client.tenant, client_id=client.client_id)

    sent = alices.send(form, "allow")

    assert sent.status == 400
    assert sent.left_for == ""
