"""A pool of connections that is used up: 503 in time, and at once served when one is free again."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import stores
from tests.patience import allowed
from tests.servers import Server
from tests.store.apart import new_migrated_url, serving


@pytest.fixture(params=stores.BACKENDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Give a server that has one connection."""
    url = new_migrated_url(request.param, tmp_path, lambda: request.getfixturevalue("postgresql"))
    with serving(url, tmp_path, pool_size=1) as server:
        yield server


@pytest.mark.requirement("FAULTS-C6")
def test_a_request_that_finds_no_connection_is_503_in_time(server: Server) -> None:
    client = server.new_tenant().new_client()
    token = client.access_token()

    with server.authority.store.reading():
        start = time.monotonic()
        refused = client.revoke(token)
        seconds = time.monotonic() - start

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert seconds < allowed(6)
    assert client.is_active(token)
    assert client.revoke(token).status_code == 200
    assert not client.is_active(token)
