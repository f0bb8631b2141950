"""A host that signs people in itself (`current_subject`, `login_url`)."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from rescind import Rescind
from rescind.domain import clock
from rescind.errors import SettingsError
from tests.embedding.hosts import configured, database
from tests.servers import Client
from tests.web.pages.asking import account_of, address_of, allowed, ask, request, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.hosts import (
    NOW,
    WhoAmI,
    WhoIsWhere,
    coming_back,
    mounted,
    sent_to_login,
    server,
    whoami,
)

__all__ = ["server", "whoami"]


def test_who_is_signed_in_at_the_host_is_asked_for_consent_alone(browser: Browser, client: Client) -> None:
    page = allowed(browser, client)

    assert tokens_of(client, page)["scope"] == "openid notes"


def test_who_is_not_is_sent_to_the_login_url_and_comes_back(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    whoami.named = None
    page = ask(browser, client)
    whoami.named = ("alice", NOW + 10)

    back = coming_back(browser, page)

    assert sent_to_login(page)
    assert back.form("/consent")


def test_a_request_as_long_as_one_may_be_comes_back_from_the_host(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    whoami.named = None
    room = 16 * 1024 - len(f"{address_of(client.tenant)}?{urlencode(request(client, state=''))}")
    page = ask(browser, client, state="s" * room)
    whoami.named = ("alice", NOW + 10)

    back = coming_back(browser, page)

    assert sent_to_login(page)
    assert browser.send(back.form("/consent"), "allow").answer["state"] == "s" * room


def test_the_built_in_sign_in_is_not_there(browser: Browser, client: Client) -> None:
    page = browser.post(f"/t/{client.tenant.name}/sign-in", {"username": "alice", "password": "x"})

    assert page.status == 404


def test_prompt_login_is_met_by_a_later_sign_in(browser: Browser, client: Client, whoami: WhoAmI) -> None:
    page = ask(browser, client, prompt="login")
    clock.set(NOW + 30)
    whoami.named = ("alice", NOW + 25)

    back = coming_back(browser, page)

    assert sent_to_login(page)
    assert back.form("/consent")


def test_a_host_that_sends_people_back_at_once_makes_no_circle(browser: Browser, client: Client) -> None:
    page = ask(browser, client, prompt="login")

    back = coming_back(browser, page)

    assert back.status == 403
    assert "/login?from=rescind&amp;next=" in back.text


def test_another_person_at_the_host_is_another_session(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    tokens_of(client, allowed(browser, client))
    whoami.named = ("bob", NOW + 5)

    page = browser.open(account_of(client.tenant))

    assert "Signed in as <strong>bob</strong>" in page.text
    assert "No app has access" in page.text


def test_a_consent_form_is_nothing_once_the_host_names_another(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    page = ask(browser, client)
    whoami.named = ("bob", NOW + 5)

    sent = browser.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}], ids=str)
def test_the_address_in_the_history_does_not_make_an_old_sign_in_a_fresh_one(
    browser: Browser, client: Client, whoami: WhoAmI, changes: dict[str, str]
) -> None:
    clock.set(NOW + 90)
    page = ask(browser, client, **changes)
    clock.set(NOW + 120)
    whoami.named = ("alice", NOW + 115)
    fresh = coming_back(browser, page)
    clock.set(NOW + 3000)

    again = coming_back(browser, page)

    assert fresh.form("/consent")
    assert again.status == 403
    assert again.left_for == ""


def test_a_consent_that_comes_late_is_asked_for_after_another_sign_in_at_the_host(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    page = ask(browser, client, max_age="60")
    clock.set(NOW + 61)
    sent = browser.send(page.form("/consent"), "allow")
    clock.set(NOW + 80)
    whoami.named = ("alice", NOW + 75)

    back = coming_back(browser, sent)

    assert sent_to_login(sent)
    assert tokens_of(client, browser.send(back.form("/consent"), "allow"))["scope"] == "openid notes"


def test_a_late_consent_of_who_was_meant_goes_back_to_the_client(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    hint = tokens_of(client, allowed(browser, client))["id_token"]
    page = ask(browser, client, max_age="60", prompt="consent", id_token_hint=hint)
    clock.set(NOW + 61)

    sent = browser.send(page.form("/consent"), "allow")

    assert sent.answer["error"] == "login_required"
    assert "code" not in sent.answer


def test_another_account_is_for_a_later_sign_in_at_the_host(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    clock.set(NOW + 20)
    page = browser.send(ask(browser, client).form("/switch-account"))
    clock.set(NOW + 30)
    whoami.named = ("bob", NOW + 25)

    back = coming_back(browser, page)

    assert sent_to_login(page)
    assert "<strong>bob</strong>" in back.text
    assert back.form("/consent")


@pytest.mark.parametrize(("named", "error"), [("alice", None), ("bob", "login_required")])
def test_a_hint_is_met_by_the_sign_in_of_the_one_who_is_meant(
    browser: Browser, client: Client, whoami: WhoAmI, named: str, error: str | None
) -> None:
    hint = tokens_of(client, allowed(browser, client))["id_token"]
    whoami.named = ("mallory", NOW + 5)
    page = ask(browser, client, id_token_hint=hint)
    clock.set(NOW + 30)
    whoami.named = (named, NOW + 25)

    back = coming_back(browser, page)

    assert sent_to_login(page)
    assert back.answer.get("error") == error
    assert ("code" in back.answer) == (error is None)


def test_a_host_that_is_told_the_tenant_says_for_each_who_is_signed_in(
    store_url: str, tmp_path: Path
) -> None:
    whoami = WhoIsWhere()
    with mounted(configured(tmp_path, database(store_url, tmp_path)), whoami) as server:
        at, elsewhere = server.new_tenant(), server.new_tenant()
        whoami.tenants[at.name] = ("alice", NOW)
        browser = Browser(server.http(), server.base_url)

        pages = [browser.open(account_of(tenant)) for tenant in (at, elsewhere)]

    assert "Signed in as <strong>alice</strong>" in pages[0].text
    assert sent_to_login(pages[1])


@pytest.mark.parametrize(
    "current_subject",
    [lambda request: None, lambda tenant, request: None, lambda tenant, /: None, 7],
    ids=["a parameter", "one beside the tenant", "a tenant that can't be named", "no function"],
)
def test_what_can_not_be_called_is_refused_at_the_start(current_subject: Any) -> None:
    with pytest.raises(SettingsError, match="tenant= where it has a parameter of that name"):
        Rescind(current_subject=current_subject, login_url="/login")


def test_both_options_go_together() -> None:
    with pytest.raises(SettingsError, match="go together"):
        Rescind(login_url="/login")


@pytest.mark.parametrize(
    "named",
    ["alice", (7, NOW), ("alice", None), ("alice",), ("alice", float(NOW))],
    ids=["no time", "a number", "no time in the tuple", "one value", "no whole seconds"],
)
def test_what_is_no_name_and_time_is_refused_with_what_it_should_be(
    browser: Browser, client: Client, whoami: WhoAmI, named: Any, caplog: pytest.LogCaptureFixture
) -> None:
    whoami.named = named

    page = ask(browser, client)

    assert page.status == 500
    assert "current_subject gives a subject and the whole seconds since 1970 of its sign-in" in caplog.text
