"""A server that starts before its store is migrated: it says so, serves nothing, and recovers by itself."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rescind.store import migrating
from tests import stores
from tests.servers import FORM, SECRET_KEY, gunicorn
from tests.store.apart import opened


@dataclass(frozen=True)
class Started:
    """Two servers that were started at one moment on a new store."""

    url: str
    addresses: list[str]
    logs: list[Path]

    def answers(self, method: str, path: str) -> list[httpx.Response]:
        """Ask both."""
        headers = {"Content-Type": FORM}
        return [httpx.request(method, address + path, headers=headers) for address in self.addresses]


def statuses(replies: list[httpx.Response]) -> list[int]:
    """Give the status of each."""
    return [reply.status_code for reply in replies]


@pytest.fixture
def started(empty_url: str, tmp_path: Path) -> Iterator[Started]:
    """Start both servers at once."""
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    environment = {
        "RESCIND_DATABASE_URL": empty_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as threads:

        def start(log: Path) -> str:
            address, _ = stack.enter_context(gunicorn(log, environment, workers=1))
            return address

        yield Started(empty_url, list(threads.map(start, logs)), logs)


@pytest.mark.requirement("STO-04")
def test_two_servers_on_a_new_store_say_so_and_serve_once_it_is_migrated(started: Started) -> None:
    healthy = started.answers("GET", "/healthz")
    not_ready = started.answers("GET", "/readyz")
    refused = started.answers("POST", "/t/bifrost/oauth2/revoke")
    logs = [log.read_text() for log in started.logs]

    stores.migrate(started.url)

    assert statuses(healthy) == [200, 200]
    assert statuses(not_ready) == [503, 503]
    assert ["db upgrade" in reply.json()["detail"] for reply in not_ready] == [True, True]
    assert statuses(refused) == [503, 503]
    assert [int(reply.headers["Retry-After"]) > 0 for reply in refused] == [True, True]
    assert ["run rescind db upgrade" in log and "Traceback" not in log for log in logs] == [True, True]
    assert statuses(started.answers("GET", "/readyz")) == [200, 200]
    # There is no such tenant, which only a store that works can tell.
    assert statuses(started.answers("POST", "/t/bifrost/oauth2/revoke")) == [404, 404]
    with opened(started.url) as store:
        assert migrating.differences(store) == []
