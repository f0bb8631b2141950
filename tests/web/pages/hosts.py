"""A host that signs people in itself, with Rescind mounted on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from rescind.domain import clock
from tests.embedding.hosts import Base, configured, database, disposed
from tests.servers import Server
from tests.web.pages.browser import Browser, Page

NOW = 1_800_000_000


@dataclass
class WhoAmI:
    """What the host says of everybody who comes."""

    named: tuple[str, int] | None = ("alice", NOW)

    def __call__(self) -> tuple[str, int] | None:
        return self.named


@pytest.fixture
def whoami() -> WhoAmI:
    """Give what the host says."""
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
