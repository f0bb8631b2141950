"""Fixtures: a server that answers over HTTP in this process, what it protects, and a person."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from rescind.domain.people import users
from rescind.domain.registry import tenants
from tests.document_hosts import DocumentHost
from tests.documented import document_host, hosted
from tests.model_context import protected
from tests.model_context.person import Person
from tests.model_context.protected import READ, WRITE, Place
from tests.servers import Server, Tenant, free_port
from tests.web.pages.asking import account_of
from tests.web.pages.browser import PASSWORD, Browser

__all__ = ["document_host", "hosted"]

OPEN_SCOPE = f"{READ} {WRITE} offline_access"


@pytest.fixture(scope="session")
def own_port() -> int:
    """Give a port for all of these tests, which have the same application so."""
    return free_port()


@pytest.fixture
def port(request: pytest.FixtureRequest, own_port: int, hosted: DocumentHost) -> int:
    """Have the public address of this test's server be at the port."""
    request.node.add_marker(pytest.mark.settings(public_url=f"http://127.0.0.1:{own_port}"))
    return own_port


# The port comes first: it is one of the settings of the server.
@pytest.fixture
def served(port: int, server: Server) -> Iterator[Server]:
    """Serve the application of this process over HTTP too: its clock can be set."""
    assert server.app is not None
    listening = make_server("127.0.0.1", port, server.app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    yield server
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def tenant(served: Server) -> Tenant:
    """Give a tenant at which any client may bring itself."""
    tenant = served.new_tenant()
    changes: dict[str, str | bool] = {
        "client_metadata_documents": True,
        "registration": "open",
        "open_scope": OPEN_SCOPE,
    }
    tenants.update(served.authority, tenant.record, changes)
    return tenant


@pytest.fixture
def person(served: Server, tenant: Tenant, cheap_hashes: None) -> Iterator[Person]:
    """Give alice and her browser."""
    users.create(served.authority, tenant.record, "alice", PASSWORD)
    with served.http() as http:
        yield Person(Browser(http, served.base_url), account_of(tenant))


@pytest.fixture
def place(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give the place of a server whose tokens are the tenant's, and name all it has to know to it."""
    with protected.taken() as place:
        name_to(place.url, tenant, monkeypatch)
        yield place


@pytest.fixture
def protected_url(request: pytest.FixtureRequest, place: Place) -> Iterator[str]:
    """Run a server of the manual, that of the official SDK unless the test names another; give its URL."""
    with protected.running(place, getattr(request, "param", "notes_of_mcp")):
        yield place.url


def name_to(resource: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register what asks about the tokens for a resource, and put that into the environment."""
    client = tenant.new_client(is_resource_server=True, resources=[resource])
    known = {
        "ISSUER": tenant.issuer,
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.secret or "",
        "RESOURCE": resource,
    }
    for name, value in known.items():
        monkeypatch.setenv(name, value)
