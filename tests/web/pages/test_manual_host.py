"""The host of the manual that signs people in itself, as it stands there."""

import importlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from rescind.domain import clock
from tests.documents import MANUAL
from tests.servers import SECRET_KEY, Client, Server, Tenant
from tests.web.pages.asking import account_of, allowed, ask, tokens_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.proxies import PUBLIC_URL, put_behind

NOW = 1_800_000_000
SIGN_IN = {"name": "alice", "password": "correct horse battery staple"}


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    """Give the time, for the host and for Rescind."""
    clock.follow_host()
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates
    clock.follow_host(is_followed=False)


@pytest.fixture
def name() -> str:
    """Name the tenant, as tests share a store."""
    return f"bifrost-{uuid.uuid4().hex}"


@pytest.fixture
def public_url() -> str:
    """Give how browsers reach the host."""
    return "http://127.0.0.1:8000"


@pytest.fixture
def server(
    name: str, public_url: str, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """Give the server that the manual's host has mounted."""
    (block,) = MANUAL["embedding"].blocks("py")
    (tmp_path / "manual_host.py").write_text(block.text.replace("bifrost", name))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "manual_host", raising=False)
    made: Any = importlib.import_module("manual_host")
    config = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/host.sqlite3",
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
        "RESCIND_PUBLIC_URL": public_url,
    }
    app = made.create_app(config)
    authority = app.extensions["rescind"].authority
    yield Server(authority, app, authority.settings.public_url)
    authority.store.dispose()


@pytest.fixture
def tenant(server: Server, name: str) -> Tenant:
    """Give the tenant that the host names."""
    return server.new_tenant(name)


def signed_in(browser: Browser, page: Page) -> Page:
    """Sign in at the host's form, to which the browser was sent."""
    assert 'type="password"' in page.text
    return browser.post(str(page.response.request.url), SIGN_IN)


def test_who_signed_out_everywhere_signs_in_at_the_host_again(
    browser: Browser, client: Client, resource_server: Client, at: time_machine.Traveller
) -> None:
    signed_in(browser, ask(browser, client))
    before = tokens_of(client, allowed(browser, client))
    at.shift(5)
    browser.send(browser.open(account_of(client.tenant)).form("/sign-out-everywhere"))

    page = ask(browser, client)

    assert not resource_server.is_active(before["access_token"])
    at.shift(5)
    signed_in(browser, page)
    after = tokens_of(client, allowed(browser, client))
    assert resource_server.is_active(after["access_token"])


def test_a_password_that_is_wrong_or_missing_signs_nobody_in(browser: Browser, client: Client) -> None:
    page = ask(browser, client)
    address = str(page.response.request.url)

    answers = [
        browser.post(address, fields).text
        for fields in (
            {"name": "alice", "password": "wrong"},
            {"name": "alice"},
            {"name": "bob", "password": ""},
        )
    ]

    assert all('type="password"' in text for text in answers)


@pytest.mark.requirement("LGO-03")
def test_a_sign_out_at_the_host_goes_on_to_rescind_and_ends_the_tokens(
    browser: Browser, client: Client, resource_server: Client, at: time_machine.Traveller
) -> None:
    signed_in(browser, ask(browser, client))
    tokens = tokens_of(client, allowed(browser, client))
    at.shift(5)
    asked = browser.open("/logout")

    browser.send(asked.form("/oidc/logout"))

    assert not resource_server.is_active(tokens["access_token"])


@pytest.mark.parametrize("public_url", [PUBLIC_URL], ids=["a path"])
def test_behind_a_path_people_come_back_from_the_sign_in_and_are_led_to_the_sign_out(
    server: Server, tenant: Tenant
) -> None:
    assert server.app is not None
    put_behind(server.app)
    with Server(server.authority, server.app, "https://example.com").http() as http:
        browser = Browser(http, "https://example.com")
        page = signed_in(browser, browser.open(f"/auth{account_of(tenant)}"))

        asked = browser.open("/auth/logout")

    assert "Signed in as <strong>alice</strong>" in page.text
    assert asked.form("/oidc/logout").action == f"/auth/t/{tenant.name}/oidc/logout"
