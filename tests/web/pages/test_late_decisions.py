"""OpenID Connect Core section 3.1.2.1: how old a sign-in may be is judged anew when somebody decides."""

import pytest

from rescind.domain import clock
from tests.servers import Client
from tests.web.pages.asking import ask, signed_in, tokens_of
from tests.web.pages.browser import Browser

NOW = 1_800_000_000
pytestmark = [pytest.mark.requirement("AZ-09"), pytest.mark.usefixtures("cheap_hashes")]


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"max_age": "90"}, 90),
        ({"max_age": "5"}, 60),
        ({"max_age": "0"}, 60),
        ({"prompt": "login"}, 600),
        ({"prompt": "select_account"}, 600),
        ({"prompt": "login", "max_age": "90"}, 90),
        ({"prompt": "consent login", "max_age": "3000"}, 600),
    ],
    ids=str,
)
def test_a_consent_comes_in_time_or_after_another_sign_in(
    browser: Browser, client: Client, alice: str, changes: dict[str, str], seconds: int
) -> None:
    clock.set(NOW)
    form = browser.sign_in(ask(browser, client, **changes)).form("/consent")

    clock.set(NOW + seconds + 1)
    asked = browser.send(form, "allow")
    clock.set(NOW + seconds)
    given = browser.send(form, "allow")

    assert tokens_of(client, given)["scope"] == "openid notes"
    assert asked.left_for == ""
    assert asked.form("/sign-in")


def test_who_signs_in_once_more_goes_on_with_the_same_request(
    browser: Browser, client: Client, alice: str
) -> None:
    clock.set(NOW)
    page = browser.sign_in(ask(browser, client, max_age="60", prompt="consent"))
    clock.set(NOW + 3000)

    again = browser.sign_in(browser.send(page.form("/consent"), "allow"))
    given = browser.send(again.form("/consent"), "allow")

    assert given.answer["state"]
    assert tokens_of(client, given)["scope"] == "openid notes"


def test_a_sign_in_that_was_there_is_judged_again(browser: Browser, client: Client) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    clock.set(NOW + 30)
    page = ask(browser, client, max_age="40")
    clock.set(NOW + 41)

    asked = browser.send(page.form("/consent"), "allow")

    assert asked.left_for == ""
    assert asked.form("/sign-in")


def test_a_later_sign_in_at_the_same_browser_is_as_good(browser: Browser, client: Client, alice: str) -> None:
    clock.set(NOW)
    page = browser.sign_in(ask(browser, client, prompt="login"))
    clock.set(NOW + 3000)
    browser.sign_in(ask(browser, client, prompt="login"))

    given = browser.send(page.form("/consent"), "allow")

    assert tokens_of(client, given)["scope"] == "openid notes"


def test_who_did_not_ask_for_a_recent_sign_in_gets_none(browser: Browser, client: Client, alice: str) -> None:
    clock.set(NOW)
    page = browser.sign_in(ask(browser, client))
    clock.set(NOW + 3599)

    given = browser.send(page.form("/consent"), "allow")

    assert tokens_of(client, given)["scope"] == "openid notes"


def test_a_no_is_a_no_however_late(browser: Browser, client: Client, alice: str) -> None:
    clock.set(NOW)
    page = browser.sign_in(ask(browser, client, max_age="60"))
    clock.set(NOW + 3000)

    answered = browser.send(page.form("/consent"), "deny")

    assert answered.answer["error"] == "access_denied"
