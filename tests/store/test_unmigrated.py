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
from tests.conftest import SECRET_KEY
from tests.servers import FORM, gunicorn
from tests.store.apart import new_url, opened


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


@pytest.fixture(scope="module", params=stores.BACKENDS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Start both servers at once."""
    folder = tmp_path_factory.mktemp("unmigrated")
    url = new_url(request.param, folder, lambda: request.getfixturevalue("postgresql"))
    logs = [folder / "first.log", folder / "second.log"]
    environment = {
        "RESCIND_DATABASE_URL": url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
    }
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as threads:

        def start(log: Path) -> str:
            address, _ = stack.enter_context(gunicorn(log, environment, workers=1))
            return address

        yield Started(url, list(threads.map(start, logs)), logs)


@dataclass(frozen=True)
class Replies:
    """What both answered before the store was migrated, and after."""

    not_ready: list[httpx.Response]
    refused: list[httpx.Response]
    ready: list[httpx.Response]
    served: list[httpx.Response]
    differences: list[str]


@pytest.fixture(scope="module")
def replies(started: Started) -> Replies:
    """Ask, migrate under the servers' feet, and ask again."""
    not_ready = started.answers("GET", "/readyz")
    refused = started.answers("POST", "/t/bifrost/oauth2/revoke")
    with opened(started.url) as store:
        migrating.upgrade(store)
        differences = migrating.differences(store)
    ready = started.answers("GET", "/readyz")
    return Replies(
        not_ready, refused, ready, started.answers("POST", "/t/bifrost/oauth2/revoke"), differences
    )


def test_the_start_logs_what_to_do(started: Started) -> None:
    logs = [log.read_text() for log in started.logs]

    assert ["run rescind db upgrade" in log for log in logs] == [True, True]
    assert ["Traceback" in log for log in logs] == [False, False]


def test_the_process_is_healthy(started: Started) -> None:
    assert [answer.status_code for answer in started.answers("GET", "/healthz")] == [200, 200]


def test_readyz_is_503_and_says_why(replies: Replies) -> None:
    assert [reply.status_code for reply in replies.not_ready] == [503, 503]
    assert ["db upgrade" in reply.json()["detail"] for reply in replies.not_ready] == [True, True]


def test_requests_are_503_with_retry_after(replies: Replies) -> None:
    assert [reply.status_code for reply in replies.refused] == [503, 503]
    assert [int(reply.headers["Retry-After"]) > 0 for reply in replies.refused] == [True, True]


def test_once_migrated_both_serve_without_a_restart(replies: Replies) -> None:
    assert [reply.status_code for reply in replies.ready] == [200, 200]
    # There is no such tenant.
    assert [reply.status_code for reply in replies.served] == [404, 404]


def test_two_servers_at_once_do_a_new_store_no_harm(replies: Replies) -> None:
    assert replies.differences == []
