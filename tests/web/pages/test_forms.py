"""Forms and pages: how they are written, and where they lead. Attacks on them are in tests/attacks."""

import pytest

from rescind.domain import clock
from tests.servers import Client, Tenant
from tests.web.pages.asking import allowed, ask
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

NOW = 1_800_000_000


def test_a_policy_is_not_widened_by_a_redirect_uri(alices: Browser, tenant: Tenant) -> None:
    uri = "https://client.example:8443/cb;script-src%20*"
    client = new_client(tenant, redirect_uris=[uri])

    page = allowed(alices, client, redirect_uri=uri, response_mode="form_post")

    assert page.response.headers["Content-Security-Policy"].endswith("; form-action 'self' https:")


def test_pages_name_their_language_their_title_and_fields(alices: Browser, client: Client) -> None:
    page = ask(alices, client, prompt="login")

    assert '<html lang="en">' in page.text
    assert "<main>" in page.text
    assert "<title>Sign in" in page.text
    assert page.text.count("<label for=") == 2


@pytest.mark.settings(public_url="https://example.com/auth")
def test_behind_a_path_every_link_has_it_and_cookies_are_of_the_host(
    browser: Browser, client: Client
) -> None:
    # The proxy that adds the path takes it off again.
    page = browser.open(f"https://example.com/t/{client.tenant.name}/account")

    base = f"/auth/t/{client.tenant.name}"
    assert page.form("/sign-in").action == f"{base}/sign-in"
    assert page.response.headers["Set-Cookie"].startswith(f"__Host-rescind_browser_{client.tenant.name}=")
    assert "; Path=/;" in page.response.headers["Set-Cookie"]


@pytest.mark.parametrize(("ahead", "status"), [(60, 303), (61, 400), (-3600, 303), (-3601, 400)])
def test_a_form_is_good_at_a_host_whose_clock_is_somewhat_behind(
    browser: Browser, tenant: Tenant, alice: str, ahead: int, status: int
) -> None:
    clock.set(NOW + ahead)
    form = browser.open(f"/t/{tenant.name}/account").form("/sign-in")
    clock.set(NOW)

    data = form.filled(username="alice", password=PASSWORD)

    assert browser.http.post(form.action, data=data).status_code == status
