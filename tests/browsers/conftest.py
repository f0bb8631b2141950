"""Fixtures: a server behind the wire, a client's own site, and browsers that are watched."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from rescind.domain.people import users
from tests.browsers import client_site
from tests.browsers.client_site import ClientSite
from tests.browsers.stage import Stage
from tests.chromium import new_context
from tests.servers import Client, Server, Tenant
from tests.web.pages.browser import PASSWORD
from tests.wire import Wire

# Chromium says so of every page that is answered with an error; what a page loads is looked at by itself.
_OF_A_STATUS = "Failed to load resource: the server responded with a status of"


@pytest.fixture(scope="session")
def session_site() -> Iterator[ClientSite]:
    """Run a client's own site, on an origin of its own."""
    with client_site.opened() as opened:
        yield opened


@pytest.fixture
def site(session_site: ClientSite) -> ClientSite:
    """Give the client's own site; nobody has been there yet."""
    session_site.arrivals.clear()
    return session_site


@pytest.fixture
def tenant(wired_server: Server) -> Tenant:
    """Give a tenant of this test alone, at a real gunicorn behind the wire."""
    return wired_server.new_tenant()


@pytest.fixture
def alice(tenant: Tenant, cheap_hashes: None) -> str:
    """Make alice a user of the tenant, with a password."""
    users.create(tenant.server.authority, tenant.record, "alice", PASSWORD)
    return "alice"


@pytest.fixture
def new_stage(
    chromium: Browser, wire: Wire, site: ClientSite, tenant: Tenant
) -> Iterator[Callable[..., Stage]]:
    """Open browsers with cookies of their own, and watch them.

    A test fails where a page has an error on its console, one of the content security policy included, or
    where anything but the server and the client's site is asked for anything.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    hosts = {urlsplit(each).netloc for each in (wire.url, site.origin, site.home)}

    def make(**options: Any) -> Stage:
        context = new_context(chromium, **options)
        _watch(context, hosts, faults)
        contexts.append(context)
        return Stage(tenant, site, context.new_page())

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def stage(new_stage: Callable[..., Stage]) -> Stage:
    """Open a browser that has never been here."""
    return new_stage()


@pytest.fixture
def page(stage: Stage) -> Page:
    """Give the page of that browser."""
    return stage.page


@pytest.fixture
def notes(stage: Stage) -> Client:
    """Give the client to which the site belongs."""
    return stage.client()


def _watch(context: BrowserContext, hosts: set[str], faults: list[str]) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_OF_A_STATUS):
            faults.append(f"console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            faults.append(f"{response.status} for {response.url}")

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and parts.netloc not in hosts:
            faults.append(f"asked {url}")

    context.on("console", said)
    context.on("weberror", lambda error: faults.append(f"error: {error.error}"))
    context.on("request", lambda request: asked(request.url))
    context.on("response", answered)
