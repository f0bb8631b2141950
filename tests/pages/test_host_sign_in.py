"""A host that signs people in itself (`current_subject`, `login_url`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from rescind.domain import clock
from rescind.errors import SettingsError
from tests.embedding.hosts import Base, configured, database, disposed
from tests.pages.asking import account_of, allowed, ask, tokens_of
from tests.pages.browser import Browser, Page
from tests.servers import Client, Server

NOW = 1_800_000_000


@dataclass
class WhoAmI:
    """What the host says of everybody who comes."""

    named: tuple[str, int] | None = ("alice", NOW)

    def __call__(self) -> tuple[str, int] | None:
        return self.named


@pytest.fixture
def whoami() -> WhoAmI:
    return WhoAmI()


@pytest.fixture
def server(whoami: WhoAmI, store_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give the server that a host has mounted; `tenant`, `client` and the others are on it."""
    app = configured(tmp_path, database(store_url, tmp_path))
    db = SQLAlchemy(app, metadata=Base.metadata)
    rescind = Rescind(app, db, current_subject=whoami, login_url="/login?from=rescind")
    clock.set(NOW + 10)
    yield Server(rescind.authority, app, rescind.authority.settings.public_url)
    disposed(app, db, rescind)
    clock.set(None)


def sent_to_login(page: Page) -> bool:
    """Tell whether the browser was sent to the host, where there is nothing in these tests."""
    return page.status == 404 and page.response.request.url.path == "/login"


def coming_back(browser: Browser, page: Page) -> Page:
    """Come back to the address that the host was given."""
    (back,) = parse_qs(urlsplit(str(page.response.request.url)).query)["next"]
    return browser.open(back)


def sign_out_everywhere(browser: Browser, client: Client) -> None:
    browser.send(browser.open(account_of(client.tenant)).form("/sign-out-everywhere"))


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


def test_the_built_in_sign_in_is_not_there(browser: Browser, client: Client) -> None:
    page = browser.post(f"/t/{client.tenant.name}/sign-in", {"username": "alice", "password": "x"})

    assert page.status == 404


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


def test_a_sign_in_of_the_future_is_one_of_now(browser: Browser, client: Client, whoami: WhoAmI) -> None:
    whoami.named = ("alice", NOW + 10_000)
    tokens_of(client, allowed(browser, client))
    sign_out_everywhere(browser, client)

    page = ask(browser, client)

    assert sent_to_login(page)


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


def test_both_options_go_together() -> None:
    with pytest.raises(SettingsError, match="go together"):
        Rescind(login_url="/login")
