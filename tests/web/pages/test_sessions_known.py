"""What a session is known again by: the browser that it was begun with, and when it was last seen."""

import pytest
from flask import Flask

from rescind.domain import clock
from rescind.store import sessions
from rescind.store.records import SessionRecord
from rescind.web.pages.user_agents import described
from tests.cli.shell import on_sqlite
from tests.hot_requests import sent
from tests.servers import Tenant
from tests.web.pages.asking import account_of, signed_in
from tests.web.pages.browser import Browser

NOW = 1_800_000_000
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
_IPHONE = "iPhone; CPU iPhone OS 18_5 like Mac OS X"
SAID = {
    FIREFOX: "Firefox 140 on Windows",
    f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME}": "Chrome 141 on Linux",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Edg/141.0.0.0": "Edge 141 on Windows",
    f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME}": "Chrome 141 on Android",
    f"Mozilla/5.0 ({_IPHONE}) {_APPLE} Version/18.5 Mobile/15E148 Safari/604.1": "Safari 18 on iPhone",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Version/18.5 Safari/605.1.15": (
        "Safari 18 on macOS"
    ),
    "Lynx/2.9 (Linux)": "A browser on Linux",
    "curl/8.14": None,
    "": None,
    "<script>alert(1)</script> Firefox/99999999": "Firefox 9999",
    "x" * 100_000: None,
}


@pytest.mark.parametrize(("said", "words"), SAID.items(), ids=range(len(SAID)))
def test_a_browser_is_told_in_words_of_ours(said: str, words: str | None) -> None:
    with Flask("host").test_request_context(headers={"User-Agent": said}) as context:
        assert described(context.request) == words


def only_session(tenant: Tenant) -> SessionRecord:
    """Read the one session of alice's."""
    with tenant.server.authority.store.reading() as tx:
        (found,) = sessions.list_live(tx, tenant.record.id, "alice", limit=2)
    return found


def test_a_sign_in_keeps_the_browser_and_the_account_page_shows_it(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    browser.http.headers["User-Agent"] = FIREFOX

    page = browser.sign_in(browser.open(account_of(tenant)))

    assert only_session(tenant).user_agent == "Firefox 140 on Windows"
    assert '<h3 class="browser">Firefox 140 on Windows <strong>(this browser)</strong></h3>' in page.text


@on_sqlite
def test_a_session_is_seen_once_in_some_minutes(browser: Browser, tenant: Tenant) -> None:
    clock.set(NOW)
    alices = signed_in(browser, tenant)
    alices.open(account_of(tenant))
    first = only_session(tenant).seen_at

    clock.set(NOW + 299)
    with sent() as statements:
        alices.open(account_of(tenant))
    early = only_session(tenant).seen_at
    clock.set(NOW + 300)
    alices.open(account_of(tenant))

    assert not [each for each in statements if each.startswith("UPDATE")]
    assert (first, early, only_session(tenant).seen_at) == (NOW, NOW, NOW + 300)
