"""What a host says of its people, in the place of what is known of users."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from rescind.domain import clock
from rescind.errors import SettingsError
from tests.cli.shell import on_sqlite
from tests.embedding.hosts import Base, configured, database, disposed
from tests.protocol.id_tokens import openid_client, signed_in, verified
from tests.protocol.test_claims import userinfo
from tests.servers import Client, Server
from tests.web.pages.asking import account_of, ask
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client

SCOPE = "openid email teams"
NOW = 1_800_000_000


class Said:
    """What the host says, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...], str]] = []
        self.answer: Callable[[], Any] = lambda: {
            "name": "Alice of the host",
            "email": "alice@host.example",
            "teams": ["a"],
        }

    def __call__(self, subject: str, scopes: tuple[str, ...], tenant: str) -> Any:
        self.asked.append((subject, scopes, tenant))
        return self.answer()


@pytest.fixture
def said() -> Said:
    """Give what the host says."""
    return Said()


@pytest.fixture
def server(said: Said, store_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give the server that a host with claims has mounted."""
    app = configured(tmp_path, database(store_url, tmp_path))
    db = SQLAlchemy(app, metadata=Base.metadata)
    rescind = Rescind(app, db, current_subject=lambda: ("1", NOW - 10), login_url="/login", claims=said)
    clock.set(NOW)
    yield Server(rescind.authority, app, rescind.authority.settings.public_url)
    clock.set(None)
    disposed(app, db, rescind)


@pytest.fixture
def client(server: Server) -> Client:
    """Give a client that may ask for a scope of the host's own, too."""
    return openid_client(server.new_tenant(), SCOPE)


@on_sqlite
def test_the_host_says_what_is_told_but_for_what_no_scope_releases(said: Said, client: Client) -> None:
    tokens = signed_in(client, SCOPE)

    told = userinfo(client, tokens["access_token"])

    assert told == {"sub": "alice", "email": "alice@host.example", "teams": ["a"]}
    assert told.items() <= verified(client.tenant, tokens["id_token"]).claims.items()
    assert said.asked[-1] == ("alice", tuple(SCOPE.split()), client.tenant.name)


@on_sqlite
def test_the_pages_call_people_by_the_name_that_the_host_gives(said: Said, client: Client) -> None:
    client = new_client(client.tenant)
    with client.tenant.server.http() as http:
        browser = Browser(http, client.tenant.server.base_url)

        pages = [ask(browser, client), browser.open(account_of(client.tenant))]

        assert ["<strong>Alice of the host</strong> (1)" in page.text for page in pages] == [True, True]
        said.answer = lambda: {"name": "Alice\u202eecila"}
        assert "<strong>1</strong>" in browser.open(account_of(client.tenant)).text


def fails() -> Any:
    raise RuntimeError("alice@host.example could not be read")


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [fails, lambda: None, lambda: {"sub": "mallory", "email": "m@x.example"}, lambda: {"at": object()}],
    ids=["an error", "nothing", "another subject", "no JSON"],
)
def test_where_that_fails_nothing_is_told_and_the_log_has_no_content(
    said: Said, client: Client, answer: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    said.answer = answer

    tokens = signed_in(client, SCOPE)

    assert userinfo(client, tokens["access_token"]) == {"sub": "alice"}
    assert "email" not in verified(client.tenant, tokens["id_token"]).claims
    assert "claims of the host failed" in caplog.text
    assert "@" not in caplog.text


def test_a_function_that_can_not_be_asked_so_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="claims is called with a subject and the words of a scope"):
        Rescind(claims=lambda subject: {})
