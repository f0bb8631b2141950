"""A host that signs people in itself, with Rescind mounted on it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from rescind.domain import clock
from tests.embedding.hosts import Base, configured, database, disposed
from tests.servers import Server
from tests.web.pages.browser import Browser, Page

NOW = 1_800_000_000


@dataclass
class WhoAmI:
    """What the host says of everybody who comes, and who came with a cookie of its own.

    Attributes:
        cookie: the name of a cookie without which nobody is signed in; empty where all are.
    """

    named: tuple[str, int] | None = ("alice", NOW)
    cookie: str = ""

    def __call__(self) -> tuple[str, int] | None:
        return self.named if not self.cookie or self.cookie in flask.request.cookies else None


@dataclass
class WhoIsWhere(WhoAmI):
    """What the host says, tenant by tenant."""

    tenants: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __call__(self, tenant: str = "") -> tuple[str, int] | None:
        return self.tenants.get(tenant)


@pytest.fixture
def whoami() -> WhoAmI:
    """Give what the host says."""
    return WhoAmI()


@pytest.fixture
def server(whoami: WhoAmI, store_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give the server that a host has mounted; `tenant`, `client` and the others are on it."""
    with mounted(configured(tmp_path, database(store_url, tmp_path)), whoami) as server:
        yield server


@contextlib.contextmanager
def mounted(app: Flask, whoami: WhoAmI, login_url: str = "/login?from=rescind") -> Iterator[Server]:
    """Mount Rescind on a host."""
    db = SQLAlchemy(app, metadata=Base.metadata)
    rescind = Rescind(app, db, current_subject=whoami, login_url=login_url)
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
