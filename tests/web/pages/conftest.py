"""Fixtures: a client with a redirect URI, browsers, and a person with a password."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rescind.domain.people import users
from tests.servers import CALLBACK, Client, Server, Tenant
from tests.web.pages.asking import signed_in
from tests.web.pages.browser import PASSWORD, Browser

__all__ = ["new_client"]


@pytest.fixture
def new_browser(server: Server) -> Iterator[Callable[[], Browser]]:
    """Make browsers, each with cookies of its own."""
    opened: list[Browser] = []

    def make() -> Browser:
        opened.append(Browser(server.http(), server.base_url))
        return opened[-1]

    yield make
    for each in opened:
        each.http.close()


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    """Give a browser that has never been here."""
    return new_browser()


@pytest.fixture
def alices(new_browser: Callable[[], Browser], tenant: Tenant) -> Browser:
    """Give a browser at which alice is signed in."""
    return signed_in(new_browser(), tenant)


@pytest.fixture
def mallorys(new_browser: Callable[[], Browser], tenant: Tenant) -> Browser:
    """Give a browser at which mallory is signed in."""
    return signed_in(new_browser(), tenant, "mallory")


@pytest.fixture
def alice(tenant: Tenant, cheap_hashes: None) -> str:
    """Make alice a user of the tenant, with a password, whose hash costs next to nothing here."""
    users.create(tenant.server.authority, tenant.record, "alice", PASSWORD)
    return "alice"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a public client with a redirect URI and scopes."""
    return new_client(tenant)


def new_client(tenant: Tenant, **options: Any) -> Client:
    """Register a public client as the tests of the pages need it."""
    given = {
        "is_public": True,
        "name": "Notes",
        "redirect_uris": [CALLBACK],
        "scope": "openid notes offline_access",
        **options,
    }
    return tenant.new_client(**given)
