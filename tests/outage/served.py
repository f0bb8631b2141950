"""A gunicorn that is under test, and what it answers while its store is not well."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from rescind.domain.authority import Authority
from rescind.web.application import load_settings
from tests.servers import SECRET_KEY, Client, Server, gunicorn

WORKERS, THREADS = 2, 8


@dataclass(frozen=True)
class Reply:
    """An answer, and after how many seconds it came."""

    response: httpx.Response
    seconds: float

    @property
    def status(self) -> int:
        """Its status."""
        return self.response.status_code


@dataclass(frozen=True)
class Served:
    """The server, the log of its processes, and whether they are the ones that were started."""

    server: Server
    log: Path
    is_running: Callable[[], bool]

    def new_client(self) -> Client:
        """Make a client in a tenant of its own, over connections that no outage has touched."""
        self.server.authority.store.dispose()
        return self.server.new_tenant().new_client()

    def get(self, path: str) -> httpx.Response:
        """Ask for a page."""
        with self.server.http() as http:
            return http.get(path)

    def is_well(self) -> bool:
        """Tell whether every thread of both workers finds the store.

        First one is asked alone: while that is waited for, there is no use in asking all of them.
        """
        if self.get("/readyz").status_code != 200:
            return False
        replies = at_once([partial(self.get, "/readyz")] * WORKERS * THREADS)
        return all(reply.status == 200 for reply in replies)

    def is_as_started(self) -> bool:
        """Tell whether neither the master nor a worker was started again."""
        return self.is_running() and len(self.worker_pids()) == WORKERS

    def worker_pids(self) -> list[int]:
        """List every worker that was ever started, by the log."""
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.log.read_text())]


@contextmanager
def served(url: str, folder: Path, **settings: str) -> Iterator[Served]:
    """Run a gunicorn on a store that is migrated; settings in lower case, without prefix."""
    environment = {
        "RESCIND_DATABASE_URL": url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
        **{f"RESCIND_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder / "log"
    with gunicorn(log, environment, workers=WORKERS, threads=THREADS) as (base_url, master):
        authority = Authority.open(load_settings({**environment, "RESCIND_PUBLIC_URL": base_url}))
        yield Served(Server(authority, None, base_url), log, master.is_running)
        authority.store.dispose()


def at_once(asks: Sequence[Callable[[], httpx.Response]]) -> list[Reply]:
    """Send requests at one moment, and take the time of each."""

    def timed(ask: Callable[[], httpx.Response]) -> Reply:
        start = time.monotonic()
        response = ask()
        return Reply(response, time.monotonic() - start)

    with ThreadPoolExecutor(len(asks)) as threads:
        return list(threads.map(timed, asks))


def revoke_all(client: Client, tokens: Sequence[str]) -> list[Reply]:
    """Revoke tokens, all at one moment."""
    return at_once([partial(client.revoke, token) for token in tokens])


def introspect_all(client: Client, tokens: Sequence[str]) -> list[Reply]:
    """Introspect tokens, all at one moment."""
    return at_once([partial(client.introspect, token) for token in tokens])


# Status, error, active, whether Retry-After is a number, Cache-Control, whether something inside is told.
Shape = tuple[int, str | None, bool | None, bool, str, bool]
UNAVAILABLE: Shape = (503, "temporarily_unavailable", None, True, "no-store", False)
ACTIVE: Shape = (200, None, True, False, "no-store", False)


def shape(reply: Reply) -> Shape:
    """Give of an answer what has to be right while the store is not well."""
    response = reply.response
    body = response.json() if response.content else {}
    return (
        response.status_code,
        body.get("error"),
        body.get("active"),
        response.headers.get("Retry-After", "").isdecimal(),
        response.headers.get("Cache-Control", ""),
        any(word in response.text for word in ("Traceback", "psycopg", "sqlite", "SELECT")),
    )
