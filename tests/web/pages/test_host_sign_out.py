"""A host's sign-in that has ended here: its word alone brings nothing of it back (`current_subject`)."""

from collections.abc import Callable

import pytest

from rescind.domain import clock
from rescind.store import purging
from rescind.store.tables import sessions
from tests.cli.shell import on_sqlite
from tests.domain.test_spellings import rename
from tests.servers import Client
from tests.web.pages.asking import account_of, allowed, ask, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.hosts import NOW, WhoAmI, sent_to_login, server, whoami

__all__ = ["server", "whoami"]

STILL_SIGNED_IN = "At this site itself you are still signed in"
MONTH_SECONDS = 30 * 86_400


def sign_out_everywhere(browser: Browser, client: Client) -> None:
    browser.send(browser.open(account_of(client.tenant)).form("/sign-out-everywhere"))


def logout_of(client: Client) -> str:
    return f"/t/{client.tenant.name}/oidc/logout"


def purge(client: Client) -> None:
    """Purge this tenant as the hourly run does; the store of the tests has a thousand others."""
    store, tenant_id = client.tenant.server.authority.store, client.tenant.record.id
    for step in purging.STEPS:
        purging.delete_batch(store, tenant_id, step, since=0, limit=1000, client_kept_seconds=86_400)


def test_after_sign_out_everywhere_the_name_alone_revives_nobody(browser: Browser, client: Client) -> None:
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 20)
    sign_out_everywhere(browser, client)

    page = ask(browser, client)

    assert sent_to_login(page)
    assert ask(browser, client, prompt="none").answer["error"] == "login_required"


def test_after_sign_out_everywhere_it_does_not_help_to_forget_the_cookie(
    browser: Browser, client: Client
) -> None:
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 20)
    sign_out_everywhere(browser, client)
    browser.http.cookies.clear()

    page = ask(browser, client)

    assert sent_to_login(page)


def test_after_the_end_of_its_session_a_sign_in_is_no_longer_good(browser: Browser, client: Client) -> None:
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 20)
    browser.send(browser.open(account_of(client.tenant)).form("/end-session"))

    page = ask(browser, client)

    assert sent_to_login(page)


@on_sqlite
def test_nor_where_an_older_row_has_the_name_in_a_mixed_spelling_as_the_host_has_it(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    mixed, composed = "Zo\u00eb Zoe\u0308", "Zo\u00eb Zo\u00eb"
    whoami.named = (mixed, NOW)
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 20)
    browser.send(browser.open(account_of(client.tenant)).form("/end-session"))
    rename(client.tenant, sessions, "subject", composed=composed, written=mixed)

    assert sent_to_login(ask(browser, client))


def test_after_a_later_sign_in_it_goes_on(
    browser: Browser, client: Client, whoami: WhoAmI, resource_server: Client
) -> None:
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 20)
    sign_out_everywhere(browser, client)
    clock.set(NOW + 30)
    whoami.named = ("alice", NOW + 25)

    tokens = tokens_of(client, allowed(browser, client))

    assert resource_server.is_active(tokens["access_token"])


@pytest.mark.parametrize("action", ["/sign-out-everywhere", "/end-session"])
def test_a_sign_in_by_a_clock_that_is_ahead_is_not_later_than_its_own_end(
    browser: Browser, client: Client, whoami: WhoAmI, resource_server: Client, action: str
) -> None:
    whoami.named = ("alice", NOW + 60)
    tokens = tokens_of(client, allowed(browser, client))
    browser.send(browser.open(account_of(client.tenant)).form(action))
    clock.set(NOW + 20)

    page = ask(browser, client)

    assert sent_to_login(page)
    assert not resource_server.is_active(tokens["access_token"])


def test_a_sign_in_that_no_clock_can_have_seen_yet_is_none(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    whoami.named = ("alice", NOW * 1000)

    page = ask(browser, client)

    assert sent_to_login(page)


def test_when_the_ended_session_has_long_expired_its_sign_in_is_still_no_good(
    browser: Browser, client: Client
) -> None:
    browser.send(browser.open(account_of(client.tenant)).form("/end-session"))
    clock.set(NOW + MONTH_SECONDS)
    purge(client)

    page = ask(browser, client)

    assert sent_to_login(page)
    assert ask(browser, client, prompt="none").answer["error"] == "login_required"


def test_a_sign_in_from_before_all_that_is_known_to_have_ended_is_no_good(
    browser: Browser, client: Client
) -> None:
    browser.send(browser.open(account_of(client.tenant)).form("/end-session"))
    clock.set(NOW + 13 * MONTH_SECONDS)
    purge(client)

    page = ask(browser, client)

    assert sent_to_login(page)


def test_a_sign_in_that_nobody_has_ended_is_good_for_another_session(
    browser: Browser, client: Client
) -> None:
    ask(browser, client)
    clock.set(NOW + MONTH_SECONDS)
    purge(client)

    page = ask(browser, client)

    assert page.form("/consent")


def test_a_request_that_was_under_way_when_the_session_ended_does_not_revive_it(
    browser: Browser, new_browser: Callable[[], Browser], client: Client
) -> None:
    form = browser.open(account_of(client.tenant)).form("/end-session")
    slow = new_browser()
    ask(slow, client)
    browser.send(form)

    page = ask(slow, client)

    assert slow.cookie("rescind_session")
    assert sent_to_login(page)


def test_a_later_sign_in_goes_on_in_the_session_so_that_its_end_ends_what_was_granted_before(
    browser: Browser, client: Client, whoami: WhoAmI, resource_server: Client
) -> None:
    tokens = tokens_of(client, allowed(browser, client))
    clock.set(NOW + 30)
    whoami.named = ("alice", NOW + 25)

    browser.send(browser.open(account_of(client.tenant)).form("/end-session"))

    assert not resource_server.is_active(tokens["access_token"])


def test_a_code_from_before_gets_no_tokens(browser: Browser, client: Client) -> None:
    code = allowed(browser, client).answer["code"]
    sign_out_everywhere(browser, client)

    reply = client.exchange(code)

    assert reply.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("is_signed_in_anew", [False, True], ids=["the name alone", "a later sign-in"])
def test_a_consent_form_from_before_gets_no_code(
    browser: Browser, client: Client, whoami: WhoAmI, is_signed_in_anew: bool
) -> None:
    page = ask(browser, client)
    clock.set(NOW + 20)
    sign_out_everywhere(browser, client)
    clock.set(NOW + 30)
    whoami.named = ("alice", NOW + 25 * is_signed_in_anew)

    sent = browser.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


def test_a_cookie_from_before_gets_nothing(browser: Browser, client: Client) -> None:
    ask(browser, client)
    cookie = browser.cookie("rescind_session")
    sign_out_everywhere(browser, client)
    browser.http.cookies.set("rescind_session", cookie, domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    page = ask(browser, client)

    assert sent_to_login(page)


def test_who_has_lost_the_session_and_is_still_named_is_asked_and_then_signed_out(
    browser: Browser, client: Client
) -> None:
    allowed(browser, client)
    browser.http.cookies.clear()
    clock.set(NOW + 20)
    asked = browser.open(f"/t/{client.tenant.name}/oidc/logout")

    page = browser.send(asked.form("/oidc/logout"))

    assert STILL_SIGNED_IN in page.text
    assert sent_to_login(ask(browser, client))


@pytest.mark.parametrize("action", ["/sign-out-everywhere", "/end-session", "/oidc/logout"])
def test_that_somebody_is_signed_out_is_not_said_while_the_host_s_own_session_goes_on(
    browser: Browser, client: Client, action: str
) -> None:
    allowed(browser, client)
    clock.set(NOW + 20)
    asking = logout_of(client) if action == "/oidc/logout" else account_of(client.tenant)

    page = browser.send(browser.open(asking).form(action))
    again = browser.open(logout_of(client))

    for told in (page, again):
        assert STILL_SIGNED_IN in told.text
        assert "You are signed out of the apps" in told.text


def test_it_is_said_once_the_host_has_ended_its_own(browser: Browser, client: Client, whoami: WhoAmI) -> None:
    allowed(browser, client)
    form = browser.open(logout_of(client)).form("/oidc/logout")
    whoami.named = None

    page = browser.send(form)

    assert "You are signed out.<" in page.text


def test_behind_the_form_of_another_site_the_host_is_asked_when_its_cookie_comes(
    browser: Browser, client: Client, whoami: WhoAmI
) -> None:
    browser.http.cookies.set("host", "x", domain="127.0.0.1", path="/")
    whoami.cookie = "host"
    hint = tokens_of(client, allowed(browser, client))["id_token"]
    with client.tenant.server.http() as http:
        clock.set(NOW + 20)
        # SameSite: no cookie comes with the POST of another site; with what follows it, all do.
        reply = http.post(logout_of(client), data={"id_token_hint": hint})

    page = browser.open(reply.headers["Location"])

    assert reply.status_code == 303
    assert STILL_SIGNED_IN in page.text
