"""Guessing passwords at the sign-in page. What is counted, and how, is in people/test_throttling.py."""

import secrets
from collections.abc import Callable

import pytest

from rescind.domain import clock
from rescind.domain.people import passwords, users
from tests.servers import Server, Tenant
from tests.web.pages.asking import account_of
from tests.web.pages.browser import PASSWORD, Browser, Form, Page

NOW = 1_800_000_000
pytestmark = pytest.mark.requirement("AZ-16")
cheaply = pytest.mark.usefixtures("cheap_hashes")
three_attempts = pytest.mark.settings(sign_in_attempts=3, sign_in_window_seconds=900)


def form_of(browser: Browser, tenant: Tenant) -> Form:
    return browser.open(account_of(tenant)).form("/sign-in")


def guesses(browser: Browser, tenant: Tenant, count: int, username: str = "alice") -> list[Page]:
    """Send one form again and again, with passwords that are wrong."""
    form = form_of(browser, tenant)
    return [
        browser.send(form, username=username, password=f"guess number {number}") for number in range(count)
    ]


def statuses(pages: list[Page]) -> list[int]:
    return [page.status for page in pages]


def test_across_two_workers_the_right_password_comes_too_late(live_server: Server) -> None:
    tenant = live_server.new_tenant()
    users.create(live_server.authority, tenant.record, "alice", PASSWORD)
    with live_server.http() as http:
        form = form_of(Browser(http, live_server.base_url), tenant)
        cookies = http.cookies

    def on_a_connection_of_its_own(password: str) -> int:
        with live_server.http() as http:
            http.cookies.update(cookies)
            data = {**form.filled(), "username": "alice", "password": password}
            return http.post(form.action, data=data).status_code

    wrong = [on_a_connection_of_its_own(secrets.token_hex(8)) for _ in range(10)]

    assert wrong == [400] * 10
    assert on_a_connection_of_its_own(PASSWORD) == 429


@cheaply
@three_attempts
@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_whether_there_is_such_a_user_is_not_told_by_the_throttle_either(
    browser: Browser, tenant: Tenant, alice: str, username: str
) -> None:
    clock.set(NOW)

    pages = guesses(browser, tenant, 5, username)

    assert statuses(pages) == [400, 400, 400, 429, 429]
    assert pages[-1].response.headers["Retry-After"] == "900"
    assert pages[-1].text.replace(username, "alice").count("alice") == 1


@cheaply
@three_attempts
def test_the_right_password_is_refused_while_guesses_are_counted_and_let_in_when_the_window_is_over(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    clock.set(NOW)
    guesses(browser, tenant, 3)

    refused = browser.send(form_of(browser, tenant), username="alice", password=PASSWORD)
    clock.set(NOW + 900)
    let_in = browser.send(form_of(browser, tenant), username="alice", password=PASSWORD)

    assert refused.status == 429
    assert "Try again in 15 minutes. Whoever runs this server can let you in before" in refused.text
    assert "<strong>alice</strong>" in let_in.text


@cheaply
def test_who_comes_while_others_have_all_threads_that_a_sign_in_may_take_is_sent_away_at_once(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    form = form_of(browser, tenant)

    with passwords.turn(8), passwords.turn(8):
        page = browser.send(form, username="alice", password=PASSWORD)

    assert page.status == 503
    assert page.response.headers["Retry-After"] == "1"
    assert "Try again in a moment" in page.text
    assert page.form("/sign-in").fields["username"] == "alice"
    assert "<strong>alice</strong>" in browser.sign_in(page).text


@cheaply
@three_attempts
def test_who_goes_on_guessing_does_not_keep_the_victim_out_for_ever(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    clock.set(NOW)
    guesses(browser, tenant, 2)
    clock.set(NOW + 899)
    guesses(browser, tenant, 3)
    clock.set(NOW + 901)

    page = browser.send(form_of(browser, tenant), username="alice", password=PASSWORD)

    assert "<strong>alice</strong>" in page.text


@cheaply
@pytest.mark.settings(sign_in_attempts_per_address=3)
def test_one_password_is_not_tried_on_every_user_from_one_address(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    form = form_of(browser, tenant)
    sprayed = [browser.send(form, username=f"user-{n}", password="Winter 2026!") for n in range(4)]

    page = browser.send(form, username="alice", password=PASSWORD)

    assert statuses(sprayed) == [400, 400, 400, 429]
    assert page.status == 429


@cheaply
@pytest.mark.settings(sign_in_attempts_per_address=3)
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP"])
def test_an_address_that_is_made_up_counts_for_nothing(browser: Browser, tenant: Tenant, header: str) -> None:
    form = form_of(browser, tenant)

    replies = [
        browser.http.post(
            form.action,
            data={**form.filled(), "username": f"user-{number}", "password": "Winter 2026!"},
            headers={header: f"203.0.113.{number}"},
        )
        for number in range(4)
    ]

    assert [reply.status_code for reply in replies] == [400, 400, 400, 429]


@cheaply
@pytest.mark.settings(sign_in_attempts_per_address=3, trusted_proxies=1)
@pytest.mark.parametrize(
    "seen", ["198.51.100.7, 203.0.113.9:{}", "203.0.113.9", "[2001:db8::1]:{}", "2001:db8::{}"]
)
def test_behind_a_proxy_neither_a_port_nor_a_first_entry_makes_another_address(
    browser: Browser, tenant: Tenant, seen: str
) -> None:
    form = form_of(browser, tenant)

    replies = [
        browser.http.post(
            form.action,
            data={**form.filled(), "username": f"user-{number}", "password": "Winter 2026!"},
            headers={"X-Forwarded-For": seen.format(number + 1)},
        )
        for number in range(4)
    ]

    assert [reply.status_code for reply in replies] == [400, 400, 400, 429]


@cheaply
@three_attempts
@pytest.mark.parametrize(
    "variant",
    [" alice", "alice ", "\talice", "\u2003alice\u3000"],
    ids=["space before", "space after", "tab", "wide spaces"],
)
def test_spaces_make_no_other_user_for_the_throttle(
    browser: Browser, tenant: Tenant, alice: str, variant: str
) -> None:
    guesses(browser, tenant, 3, variant)

    page = browser.send(form_of(browser, tenant), username="alice", password=PASSWORD)

    assert page.status == 429


@cheaply
@pytest.mark.parametrize(
    "lookalike",
    [
        "Alice",
        "ALICE",
        "\u0430lice",
        "al\u0131ce",
        "\uff41lice",
        "ali\u200bce",
        "alice\u0301",
        "alice/../bob",
    ],
    ids=["capital", "capitals", "Cyrillic", "dotless", "full width", "zero width", "accent", "path"],
)
def test_a_name_that_looks_like_the_victims_is_nobody(
    browser: Browser, tenant: Tenant, alice: str, lookalike: str
) -> None:
    page = browser.send(form_of(browser, tenant), username=lookalike, password=PASSWORD)

    assert page.status == 400
    assert browser.cookie("rescind_session") == ""


@cheaply
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a" * 30_000, "x"),
        ("alice", "x" * 60_000),
        ("alice", ""),
        ("", ""),
        ("alice' OR '1'='1", "x"),
        ("%", "x"),
    ],
    ids=["long name", "long password", "no password", "nothing", "quotes", "wildcard"],
)
def test_what_no_person_types_is_answered_as_a_wrong_password(
    browser: Browser, tenant: Tenant, alice: str, username: str, password: str
) -> None:
    page = browser.send(form_of(browser, tenant), username=username, password=password)

    assert page.status == 400
    assert page.form("/sign-in")
    assert browser.cookie("rescind_session") == ""


@cheaply
@pytest.mark.parametrize("field", [b"username=alice%00", b"username=%ff", b"username=alice&username=bob"])
def test_a_form_that_no_browser_sends_is_none(
    browser: Browser, tenant: Tenant, alice: str, field: bytes
) -> None:
    form = form_of(browser, tenant)
    body = f"form={form.fields['form']}&password=x&".encode() + field

    reply = browser.http.post(
        form.action, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert reply.status_code == 400
    assert "out of date" in reply.text


@cheaply
@three_attempts
def test_the_page_says_the_same_to_a_stranger_of_a_user_who_is_disabled_or_has_no_password(
    new_browser: Callable[[], Browser], tenant: Tenant, alice: str
) -> None:
    authority = tenant.server.authority
    users.create(authority, tenant.record, "disabled", PASSWORD)
    users.disable(authority, tenant.record, "disabled", actor="operator:test")
    users.create(authority, tenant.record, "invited")

    pages = {
        name: guesses(new_browser(), tenant, 1, name)[0]
        for name in ("alice", "disabled", "invited", "nobody")
    }

    texts = {
        page.text.split('name="form"')[1].split(">", 1)[1].replace(name, "") for name, page in pages.items()
    }
    assert len(texts) == 1
    assert statuses(list(pages.values())) == [400] * 4
