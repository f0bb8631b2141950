"""What it costs that "active" is believed for a lease, and what is answered when it is over."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from rescind.store import transactions
from tests import stores
from tests.outage.private_postgres import PrivatePostgres
from tests.outage.standbys import LEASE_SECONDS
from tests.patience import wait_until
from tests.poolers.small_pooler import small_pooler
from tests.servers import Server
from tests.store.apart import serving


@contextmanager
def direct(primary: PrivatePostgres) -> Iterator[dict[str, str]]:
    yield {"url": primary.url, "pooler": "none"}


@contextmanager
def pooled(primary: PrivatePostgres) -> Iterator[dict[str, str]]:
    with small_pooler(Path(primary.socket_folder), sessions=3, ignores_options=False) as port:
        url = make_url(primary.url).set(host="127.0.0.1", port=port, query={})
        yield {"url": stores.as_text(url), "pooler": "transaction"}


@pytest.mark.parametrize("reached", [direct, pooled], ids=["direct", "behind a pooler"])
def test_all_that_says_active_is_503_while_no_standby_confirms_and_heals(
    primary: PrivatePostgres,
    tmp_path: Path,
    reached: Callable[[PrivatePostgres], AbstractContextManager[dict[str, str]]],
) -> None:
    with (
        reached(primary) as way,
        serving(way["url"], tmp_path, lease_seconds=LEASE_SECONDS, database_pooler=way["pooler"]) as server,
    ):
        ask = every_way_to_ask(server)
        before = ask()
        try:
            primary.configure(synchronous_standby_names="nobody")
            meanwhile = ask()
        finally:
            primary.restore()
        wait_until(lambda: ask() == before)

    assert before == {"introspect": 200, "userinfo": 200, "guarded": 200, "readyz": 200, "unknown": 401}
    assert meanwhile == {"introspect": 503, "userinfo": 503, "guarded": 503, "readyz": 503, "unknown": 401}


def every_way_to_ask(server: Server) -> Callable[[], dict[str, int]]:
    """Guard a view, and give what asks each endpoint about an active token."""
    assert server.app is not None
    client = server.new_tenant().new_client(scope="openid")
    token = client.issue("alice", ("openid",)).access_token
    guard = server.app.extensions["rescind"].require_token("openid", tenant=client.tenant.name)
    server.app.add_url_rule("/guarded", "guarded", guard(lambda: "open"))

    def ask() -> dict[str, int]:
        with server.http() as http:
            shown = {"Authorization": f"Bearer {token}"}
            replies = {
                "introspect": client.introspect(token),
                "userinfo": http.get(f"{client.tenant.path}/userinfo", headers=shown),
                "guarded": http.get("/guarded", headers=shown),
                "readyz": http.get("/readyz"),
                "unknown": http.get("/guarded", headers={"Authorization": "Bearer unknown"}),
            }
        return {name: reply.status_code for name, reply in replies.items()}

    return ask


@contextmanager
def beats() -> Iterator[list[str]]:
    """Collect the messages that are written for the lease alone."""
    with statements("pg_logical_emit_message") as sent:
        yield sent


@contextmanager
def statements(part: str = "") -> Iterator[list[str]]:
    """Collect what is sent to the database and holds this."""
    sent: list[str] = []

    def watch(dialect: str, text: str) -> None:
        if part in text:
            sent.append(text)

    transactions.watchers.append(watch)
    try:
        yield sent
    finally:
        transactions.watchers.remove(watch)


def repeat(act: Callable[[], object], seconds: float) -> list[float]:
    """Do something again and again, and give how long each took."""
    until, took = time.monotonic() + seconds, []
    while time.monotonic() < until:
        began = time.monotonic()
        act()
        took.append(time.monotonic() - began)
    return took


def test_reading_costs_a_message_each_half_lease_and_none_where_something_is_written(old: Server) -> None:
    client = old.new_tenant().new_client()
    token = client.access_token()
    assert client.is_active(token)

    with beats() as alone:
        assert all(
            took < LEASE_SECONDS for took in repeat(lambda: client.is_active(token), 3 * LEASE_SECONDS)
        )
    with beats() as beside_writes:
        for _ in range(20):
            client.access_token()
            client.is_active(token)
            time.sleep(LEASE_SECONDS / 10)

    assert 2 <= len(alone) <= 8
    assert beside_writes == []


def test_whether_a_token_has_ended_or_never_was_can_not_be_told_by_what_its_revocation_costs(
    old: Server,
) -> None:
    client = old.new_tenant().new_client()
    dead = client.access_token()
    client.revoke(dead)
    sent: dict[str, list[str]] = {}

    for token in (dead, "never-issued"):
        with statements() as sent[token]:
            reply = client.revoke(token)
        assert reply.status_code == 200

    assert sent["never-issued"] == sent[dead]
    assert "pg_logical_emit_message" in sent[dead][-1]


def test_a_token_that_is_not_known_is_no_200_while_no_standby_confirms(
    primary: PrivatePostgres, old: Server
) -> None:
    # On a primary that was given up: the one that has followed it may know the token.
    client = old.new_tenant().new_client()
    before = client.revoke("never-issued")
    try:
        primary.configure(synchronous_standby_names="nobody")
        meanwhile = client.revoke("never-issued")
    finally:
        primary.restore()

    assert (before.status_code, meanwhile.status_code) == (200, 503)


def test_an_ended_token_costs_a_confirmed_write_that_those_who_ask_at_once_share(old: Server) -> None:
    client = old.new_tenant().new_client()
    token = client.access_token()
    client.revoke(token)

    with beats() as sent, ThreadPoolExecutor(6) as threads:
        statuses = [reply.status_code for reply in threads.map(client.revoke, [token] * 12)]

    assert statuses == [200] * 12
    assert 1 <= len(sent) < 12
