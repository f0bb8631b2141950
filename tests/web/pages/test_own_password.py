"""A person gives themselves a new password on the account page: their other sessions end, this one stays."""

from collections.abc import Callable

import pytest

from rescind.domain.people import users
from tests.cli.shell import on_sqlite
from tests.domain.people.signing_in import outcome
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser, Page

NEW = "another horse altogether"
pytestmark = pytest.mark.usefixtures("alice")


def change(browser: Browser, tenant: Tenant, current: str = PASSWORD, new: str = NEW) -> Page:
    """Fill the form in."""
    form = browser.open(account_of(tenant)).form("/account/password")
    return browser.send(form, password=current, new_password=new)


def test_it_ends_the_other_sessions_and_what_was_given_in_them(
    alices: Browser, new_browser: Callable[[], Browser], client: Client, resource_server: Client
) -> None:
    tenant = client.tenant
    phone = signed_in(new_browser(), tenant)
    here = tokens_of(client, allowed(alices, client))
    there = tokens_of(client, ask(phone, client))

    page = change(alices, tenant)

    assert "Your password is changed" in page.text
    assert "Your password is changed" not in alices.open(f"{account_of(tenant)}?done=password").text
    assert "A session" not in page.text
    assert "The password was changed." in page.text
    assert resource_server.is_active(here["access_token"])
    assert not resource_server.is_active(there["access_token"])
    assert phone.open(account_of(tenant)).form("/sign-in")
    assert [outcome(tenant, password=each) for each in (PASSWORD, NEW)] == ["refused", "in"]


@on_sqlite
@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("not her password", NEW, "The current password is not right."),
        (PASSWORD, "short", "A password is 8 to 1024 characters"),
    ],
    ids=["wrong", "short"],
)
def test_what_is_not_right_changes_nothing(
    alices: Browser, new_browser: Callable[[], Browser], tenant: Tenant, current: str, new: str, said: str
) -> None:
    phone = signed_in(new_browser(), tenant)

    page = change(alices, tenant, current, new)

    assert (page.status, said in page.text) == (400, True)
    assert not page.form("/account/password").fields.get("password")
    assert phone.open(account_of(tenant)).form("/account/password")
    assert outcome(tenant, password=PASSWORD) == "in"


@on_sqlite
@pytest.mark.settings(sign_in_attempts=2)
def test_the_current_one_is_not_guessed_at_length(alices: Browser, tenant: Tenant) -> None:
    guesses = [change(alices, tenant, f"guess number {number}").status for number in range(3)]

    late = change(alices, tenant)

    assert guesses == [400, 400, 429]
    assert late.status == 429
    assert int(late.response.headers["Retry-After"]) > 0


@on_sqlite
def test_who_has_no_password_is_shown_no_form(browser: Browser, tenant: Tenant) -> None:
    users.create(tenant.server.authority, tenant.record, "bob")

    page = signed_in(browser, tenant, "bob").open(account_of(tenant))

    assert not [form for form in page.forms if form.action.endswith("/password")]
