"""Fixtures: a server that answers over HTTP in this process, what it protects, and a person."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from rescind.domain.people import users
from rescind.domain.registry import tenants
from rescind.guard import Guard
from tests.document_hosts import DocumentHost
from tests.documented import document_host, hosted
from tests.domain.people.signing_in import cheap_hashes
from tests.model_context import protected
from tests.model_context.person import Person
from tests.model_context.protected import READ, WRITE
from tests.servers import Server, Tenant, free_port
from tests.web.pages.asking import account_of
from tests.web.pages.browser import PASSWORD, Browser

__all__ = ["cheap_hashes", "document_host", "hosted"]

OPEN_SCOPE = f"{READ} {WRITE} offline_access"


@pytest.fixture
def port(request: pytest.FixtureRequest, hosted: DocumentHost) -> int:
    """Give the port of the public address of this test's server."""
    port = free_port()
    request.node.add_marker(pytest.mark.settings(public_url=f"http://127.0.0.1:{port}"))
    return port


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
def protected_url(tenant: Tenant) -> Iterator[str]:
    """Run a server of the Model Context Protocol that takes the tenant's tokens, and give its address."""
    with protected.taken() as place:
        client = tenant.new_client(is_resource_server=True, resources=[place.url])
        guard = Guard(tenant.issuer, client.client_id, client.secret or "", resource=place.url)
        with protected.running(place, guard):
            yield place.url
