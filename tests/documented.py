"""Fixtures: a host of documents that a server may ask, and a tenant that takes clients by them."""

from collections.abc import Iterator

import pytest

from rescind.domain.registry import tenants
from tests.document_hosts import DocumentHost, publishing
from tests.servers import Client, Tenant

__all__ = ["document_host", "hosted", "open_tenant"]


@pytest.fixture(scope="session")
def document_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentHost]:
    """Run a host of documents."""
    with publishing(tmp_path_factory.mktemp("documents")) as host:
        yield host


@pytest.fixture
def hosted(
    request: pytest.FixtureRequest, document_host: DocumentHost, monkeypatch: pytest.MonkeyPatch
) -> DocumentHost:
    """Give the host, to which the server of this test may connect, and whose certificate it trusts."""
    document_host.asked.clear()
    request.node.add_marker(pytest.mark.settings(metadata_hosts=document_host.place))
    monkeypatch.setenv("SSL_CERT_FILE", str(document_host.certificate))
    return document_host


@pytest.fixture
def open_tenant(hosted: DocumentHost, tenant: Tenant) -> Tenant:
    """Give a tenant that takes clients by their documents."""
    return opened(tenant)


def opened(tenant: Tenant, *, is_open: bool = True) -> Tenant:
    """Have a tenant take clients by their documents, and let them ask for `notes`."""
    changes: dict[str, str | bool] = {
        "client_metadata_documents": is_open,
        "registration_scope": "openid notes",
    }
    tenants.update(tenant.server.authority, tenant.record, changes)
    return tenant


def by_document(tenant: Tenant, client_id: str) -> Client:
    """Give a client that is known by its document alone."""
    return Client(tenant, client_id, None)
