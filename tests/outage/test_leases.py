"""Where PostgreSQL waits for a standby: no "active" from a primary that is none any more (promise 11)."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tests.outage.private_postgres import PrivatePostgres
from tests.outage.served import UNAVAILABLE, Reply, shape
from tests.outage.standbys import Standby, host
from tests.patience import wait_until
from tests.servers import Client, Server


def seen_by(server: Server, client: Client) -> Client:
    """Give the same client, as another host serves it."""
    return Client(type(client.tenant)(server, client.tenant.record), client.client_id, client.secret)


def get(server: Server, path: str) -> httpx.Response:
    with server.http() as http:
        return http.get(path)


@dataclass
class Watch:
    """Asks a host about tokens again and again, from several threads, and keeps what it answered."""

    client: Client
    tokens: list[str]
    seen: list[tuple[float, str, httpx.Response]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def _ask(self) -> None:
        for token in cycle(self.tokens):
            if self.is_over.is_set():
                return
            began = time.monotonic()
            self.seen.append((began, token, self.client.introspect(token)))

    @contextmanager
    def going_on(self, threads: int = 3) -> Iterator["Watch"]:
        with ThreadPoolExecutor(threads) as pool:
            asking = [pool.submit(self._ask) for _ in range(threads)]
            try:
                yield self
            finally:
                self.is_over.set()
        for each in asking:
            each.result()

    def active_after(self, acknowledged: dict[str, float]) -> list[str]:
        """List what was called active by an answer to a question that was asked after the 200."""
        return [
            token
            for began, token, reply in self.seen
            if reply.status_code == 200 and reply.json()["active"] and began > acknowledged[token]
        ]


def revoke(client: Client, tokens: list[str]) -> dict[str, float]:
    """Revoke tokens, as soon as the host can, and give when each was acknowledged."""
    done = {}
    for token in tokens:
        wait_until(lambda token=token: client.revoke(token).status_code == 200, 20)  # type: ignore[misc]
        done[token] = time.monotonic()
    return done


@pytest.mark.parametrize("is_frozen", [False, True], ids=["it goes on", "it was frozen and wakes"])
def test_what_the_promoted_standby_has_ended_is_active_nowhere(
    primary: PrivatePostgres, standby: Standby, tmp_path: Path, is_frozen: bool
) -> None:
    # Long enough to be sure that it is not over when the standby is promoted.
    with host(primary.url, tmp_path / "old", 2) as old, host(standby.url, tmp_path / "new", 2) as new:
        assert_a_promotion_revives_nothing(primary, standby, old, new, is_frozen=is_frozen)


def assert_a_promotion_revives_nothing(
    primary: PrivatePostgres, standby: Standby, old: Server, new: Server, *, is_frozen: bool
) -> None:
    here = old.new_tenant().new_client()
    there = seen_by(new, here)
    tokens = [here.access_token() for _ in range(10)]
    alive = here.access_token()

    with Watch(here, tokens).going_on() as watch:
        wait_until(lambda: len(watch.seen) > 10)
        if is_frozen:
            with primary.frozen():
                standby.promote()
                acknowledged = revoke(there, tokens)
        else:
            standby.promote()
            acknowledged = revoke(there, tokens)
        over_at = time.monotonic()
        wait_until(lambda: any(began > over_at for began, *_ in list(watch.seen)), 20)

    before = [reply.json() for began, _, reply in watch.seen if reply.status_code == 200]
    after = [reply for began, _, reply in watch.seen if began > over_at]
    assert {"active": False} not in before
    assert watch.active_after(acknowledged) == []
    # It still answers by what it has, where nothing can be wrong with that.
    assert {reply.status_code for reply in after} == {503}
    assert here.introspect("unknown").json() == {"active": False}
    assert shape(Reply(here.introspect(alive), 0)) == UNAVAILABLE
    assert (get(old, "/readyz").status_code, get(old, "/healthz").status_code) == (503, 200)
    assert [there.is_active(token) for token in (*tokens, alive)] == [False] * 10 + [True]
    assert get(new, "/readyz").status_code == 200


def test_a_host_acknowledges_nothing_before_a_lease_has_gone_by(
    primary: PrivatePostgres, standby: Standby, tmp_path: Path
) -> None:
    began = time.monotonic()
    with host(primary.url, tmp_path / "fresh", 3) as server:
        client = server.new_tenant().new_client()
        first = time.monotonic() - began
        token = client.access_token()
        second = time.monotonic() - began - first

    assert token
    assert first >= 3
    assert second < 3


def test_a_host_on_a_standby_is_not_ready_and_becomes_so_without_a_restart(
    old: Server, new: Server, standby: Standby
) -> None:
    client = old.new_tenant().new_client()
    token = client.access_token()

    on_standby = seen_by(new, client).introspect(token), get(new, "/readyz")
    standby.promote()
    wait_until(lambda: get(new, "/readyz").status_code == 200)

    assert shape(Reply(on_standby[0], 0)) == UNAVAILABLE
    assert on_standby[1].status_code == 503
    assert "a standby" in on_standby[1].json()["detail"]
    assert seen_by(new, client).is_active(token)


@pytest.mark.parametrize("form", ["host={}&host={}", "host={},{}"], ids=["hosts", "list"])
def test_a_url_of_two_hosts_is_followed_to_the_primary_without_a_restart(
    primary: PrivatePostgres, standby: Standby, tmp_path: Path, form: str
) -> None:
    hosts = form.format(primary.socket_folder, standby.socket_folder)
    url = f"{primary.url.partition('?')[0]}?{hosts}&target_session_attrs=read-write"
    with host(url, tmp_path / "both") as server:
        client = server.new_tenant().new_client()
        token, kept = client.access_token(), client.access_token()
        primary.kill()
        try:
            standby.promote()
            acknowledged = revoke(client, [token])
            wait_until(lambda: client.introspect(kept).status_code == 200)

            assert token in acknowledged
            assert (client.is_active(token), client.is_active(kept)) == (False, True)
        finally:
            primary.start()
