"""Every form and page: CSRF (RFC 6749 section 10.12), clickjacking (10.13), and what a name may hold."""

from collections.abc import Callable

import pytest

from rescind.domain import clock
from tests.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.pages.browser import PASSWORD, Browser, Form, Page
from tests.pages.conftest import new_client
from tests.servers import Client, Tenant

NOW = 1_800_000_000


def the_sign_in(browser: Browser, client: Client) -> Form:
    return ask(browser, client, prompt="login").form("/sign-in")


def the_consent(browser: Browser, client: Client) -> Form:
    return ask(browser, client, prompt="consent").form("/consent")


def on_account(action: str) -> Callable[[Browser, Client], Form]:
    def form(browser: Browser, client: Client) -> Form:
        tokens_of(client, allowed(browser, client))
        return browser.open(account_of(client.tenant)).form(action)

    return form


FORMS: dict[str, Callable[[Browser, Client], Form]] = {
    "sign-in": the_sign_in,
    "consent": the_consent,
    "remove access": on_account("/remove-access"),
    "end session": on_account("/end-session"),
    "sign out everywhere": on_account("/sign-out-everywhere"),
}
each_form = pytest.mark.parametrize("name", FORMS)


def filled(form: Form) -> dict[str, str]:
    return {**form.filled(), "username": "alice", "password": PASSWORD}


def refused(page: Page) -> bool:
    return page.status == 400 and page.left_for == "" and "out of date" in page.text


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_a_form_without_its_seal_does_nothing(alices: Browser, client: Client, name: str) -> None:
    form = FORMS[name](alices, client)

    page = alices.post(form.action, {**filled(form), "form": ""})

    assert refused(page)
    assert alices.open(account_of(client.tenant)).form("/end-session")


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_a_form_that_was_changed_does_nothing(alices: Browser, client: Client, name: str) -> None:
    form = FORMS[name](alices, client)

    page = alices.post(form.action, {**filled(form), "form": form.fields["form"] + "A"})

    assert refused(page)
    assert alices.open(account_of(client.tenant)).form("/end-session")


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_the_form_of_another_browser_does_nothing(
    alices: Browser, mallorys: Browser, client: Client, name: str
) -> None:
    alices.open(account_of(client.tenant))
    form = FORMS[name](mallorys, client)

    page = alices.post(form.action, filled(form))

    assert refused(page)
    assert "alice" in alices.open(account_of(client.tenant)).text


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_a_form_is_good_for_one_purpose(alices: Browser, client: Client, name: str) -> None:
    form = FORMS[name](alices, client)
    other = next(make for other, make in FORMS.items() if other != name)(alices, client)

    page = alices.post(form.action, {**filled(form), "form": other.fields["form"]})

    assert refused(page)


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_a_form_of_an_hour_ago_does_nothing(browser: Browser, client: Client, name: str) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    form = FORMS[name](browser, client)
    clock.set(NOW + 3601)

    page = browser.post(form.action, filled(form))

    assert refused(page)


@pytest.mark.requirement("AZ-13")
@pytest.mark.parametrize("name", ["consent", "remove access", "end session", "sign out everywhere"])
def test_s10_12_the_form_of_an_earlier_session_does_nothing(
    alices: Browser, client: Client, name: str
) -> None:
    form = FORMS[name](alices, client)
    signed_in(alices, client.tenant)

    page = alices.post(form.action, filled(form))

    assert refused(page)


@pytest.mark.requirement("AZ-13")
@each_form
def test_s10_12_a_form_is_only_posted(alices: Browser, client: Client, name: str) -> None:
    form = FORMS[name](alices, client)

    page = alices.open(form.action, filled(form))

    assert page.status == 405
    assert page.response.headers["Allow"] == "POST"


def pages_of(browser: Browser, client: Client) -> dict[str, Page]:
    return {
        "sign-in": ask(browser, client, prompt="login"),
        "consent": ask(browser, client, prompt="consent"),
        "account": browser.open(account_of(client.tenant)),
        "problem": ask(browser, client, client_id="nobody"),
        "error": browser.open("/t/nobody/account"),
        "redirect": ask(browser, client, scope="other"),
        "form_post": ask(browser, client, scope="other", response_mode="form_post"),
    }


@pytest.mark.requirement("AZ-12")
@pytest.mark.parametrize(
    "name", ["sign-in", "consent", "account", "problem", "error", "redirect", "form_post"]
)
def test_s10_13_no_page_is_framed_kept_or_named_to_others(alices: Browser, client: Client, name: str) -> None:
    headers = pages_of(alices, client)[name].response.headers

    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_client_is_shown_by_a_name_that_is_text(alices: Browser, tenant: Tenant) -> None:
    client = new_client(tenant, name='<script src="//evil.example"></script>')
    consent = ask(alices, client)
    tokens_of(client, allowed(alices, client))

    account = alices.open(account_of(tenant))

    assert "&lt;script src=" in consent.text
    assert "&lt;script src=" in account.text
    assert "<script" not in consent.text + account.text


def test_a_policy_is_not_widened_by_a_redirect_uri(alices: Browser, tenant: Tenant) -> None:
    uri = "https://a;script-src:443/cb"
    client = new_client(tenant, redirect_uris=[uri])

    page = allowed(alices, client, redirect_uri=uri, response_mode="form_post")

    assert page.response.headers["Content-Security-Policy"].endswith("; form-action https:")


def test_pages_name_their_language_their_title_and_fields(alices: Browser, client: Client) -> None:
    page = ask(alices, client, prompt="login")

    assert '<html lang="en">' in page.text
    assert "<main>" in page.text
    assert "<title>Sign in" in page.text
    assert page.text.count("<label for=") == 2


@pytest.mark.settings(public_url="https://example.com/auth")
def test_behind_a_path_every_link_and_cookie_has_it(browser: Browser, client: Client) -> None:
    # The proxy that adds the path takes it off again.
    page = browser.open(f"https://example.com/t/{client.tenant.name}/account")

    base = f"/auth/t/{client.tenant.name}"
    assert page.form("/sign-in").action == f"{base}/sign-in"
    assert f"Path={base};" in page.response.headers["Set-Cookie"]
