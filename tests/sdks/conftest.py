"""Fixtures: an app's own site and a browser, a person, and a client that is registered as it asks to be."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from rescind.domain.people import users
from rescind.domain.registry import registration
from tests.chromium import new_context
from tests.sdks.kinds import Kind, Stage
from tests.sdks.people import EMAIL, USERNAME
from tests.sdks.running import Run
from tests.sdks.sdks import SCOPE, Given
from tests.sdks.site import Site, opened
from tests.servers import Server, Tenant
from tests.web.pages.browser import PASSWORD
from tests.wire import Wire


@pytest.fixture
def tenant(wired_server: Server, cheap_hashes: None) -> Tenant:
    """Give a tenant behind the wire, with one person."""
    tenant = wired_server.new_tenant()
    details = {"email": EMAIL, "is_email_verified": True}
    users.create(tenant.server.authority, tenant.record, USERNAME, PASSWORD, **details)
    return tenant


@pytest.fixture
def site() -> Iterator[Site]:
    """Run the app's own site."""
    with opened() as site:
        yield site


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Give a page of a browser that has never been here."""
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def run(
    tenant: Tenant, site: Site, page: Page, wire: Wire, tmp_path: Path
) -> Callable[[Kind], AbstractContextManager[Run]]:
    """Register a client of a kind, and put it to use."""

    @contextmanager
    def run_it(kind: Kind) -> Iterator[Run]:
        client = tenant.new_client(
            is_public=kind.method == registration.NONE,
            auth_method=kind.method,
            name="Notes",
            scope=SCOPE,
            redirect_uris=[site.address],
            post_logout_redirect_uris=[site.address],
            allowed_origins=[site.origin] if kind.is_in_page else [],
        )
        base = tenant.issuer.removesuffix("/oauth2/token")
        given = Given(base, tenant.issuer, client.client_id, client.secret, kind.method, site.address)
        with kind.open(Stage(page, site, wire, given, tmp_path)) as sdk:
            yield Run(kind, sdk, client, site, wire)

    return run_it
