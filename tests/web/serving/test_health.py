"""`/healthz` tells whether the process is up, `/readyz` whether it can serve."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import event, text

from rescind import create_app
from rescind.store.engine import Store
from tests import stores
from tests.servers import Server, free_port

KEY = "a-secret-key-that-is-long-enough"


def ask(app: Flask, path: str, method: str = "GET") -> httpx.Response:
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1") as http:
        return http.request(method, path)


def started_on(url: str, folder: Path) -> Flask:
    """Start the stand-alone server on a store in whatever state; it starts in any."""
    options = {"RESCIND_DATABASE_URL": url, "RESCIND_INSTANCE_PATH": str(folder), "RESCIND_SECRET_KEY": KEY}
    return create_app(options)


@pytest.fixture(params=stores.BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database that was never migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite3"
    return stores.new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def unmigrated(empty_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = started_on(empty_url, tmp_path)
    yield app
    store_of(app).dispose()


@pytest.fixture(params=stores.BACKENDS)
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """Give a server whose store is not there."""
    (tmp_path / "none.sqlite3").write_bytes(1000 * b"no database ")
    urls = {
        "sqlite": f"sqlite:///{tmp_path}/none.sqlite3",
        "postgresql": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing",
    }
    return started_on(urls[request.param], tmp_path)


def store_of(app: Flask) -> Store:
    store: Store = app.extensions["rescind"].authority.store
    return store


def test_healthz_answers_while_the_store_is_not_there(unreachable: Flask) -> None:
    reply = ask(unreachable, "/healthz")

    assert reply.status_code == 200
    assert reply.json() == {"status": "ok"}


def test_healthz_never_asks_the_store(server: Server) -> None:
    asked: list[Any] = []
    engine = server.authority.store.engine
    event.listen(engine, "checkout", lambda *details: asked.append(details))
    assert server.app is not None

    reply = ask(server.app, "/healthz")

    assert reply.status_code == 200
    assert asked == []
    assert ask(server.app, "/readyz").status_code == 200
    assert asked != []


def test_readyz_on_a_migrated_store(server: Server) -> None:
    with server.http() as http:
        reply = http.get("/readyz")

    assert reply.status_code == 200
    assert reply.json() == {"status": "ready"}
    assert reply.headers["Cache-Control"] == "no-store"


def test_readyz_while_the_store_is_not_there(unreachable: Flask) -> None:
    reply = ask(unreachable, "/readyz")

    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.json()["status"] == "unavailable"


def test_readyz_before_the_store_is_migrated_says_what_to_do(unmigrated: Flask) -> None:
    reply = ask(unmigrated, "/readyz")

    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert "rescind db upgrade" in reply.json()["detail"]


def test_readyz_once_the_store_is_migrated_without_a_restart(unmigrated: Flask, empty_url: str) -> None:
    assert ask(unmigrated, "/readyz").status_code == 503

    stores.migrate(empty_url)

    assert ask(unmigrated, "/readyz").status_code == 200


def test_readyz_on_a_store_that_a_newer_version_has_migrated(unmigrated: Flask, empty_url: str) -> None:
    stores.migrate(empty_url)
    store = store_of(unmigrated)
    with store.opened(is_writing=True) as tx:
        schema = "" if store.is_sqlite else "rescind."
        tx.exec_driver_sql(f"UPDATE {schema}rescind_alembic_version SET version_num = '9999'")

    assert ask(unmigrated, "/readyz").status_code == 200


@pytest.mark.parametrize(
    "damage",
    ["UPDATE {}rescind_alembic_version SET version_num = '0001'", "DROP TABLE {}tenants"],
    ids=["an-older-revision", "a-table-is-missing"],
)
def test_readyz_on_a_store_that_is_not_whole(unmigrated: Flask, empty_url: str, damage: str) -> None:
    stores.migrate(empty_url)
    store = store_of(unmigrated)
    with store.opened(is_writing=True) as tx:
        tx.execute(text(damage.format("" if store.is_sqlite else "rescind.")))

    reply = ask(unmigrated, "/readyz")

    assert reply.status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_use_head(server: Server, path: str) -> None:
    with server.http() as http:
        reply = http.head(path)

    assert reply.status_code == 200
    assert reply.content == b""


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_changes_nothing_so_it_takes_no_post(server: Server, path: str) -> None:
    with server.http() as http:
        reply = http.post(path)

    assert reply.status_code == 405
    assert "GET" in reply.headers["Allow"]
    assert reply.headers["Content-Type"] == "application/json"


def test_on_gunicorn_both_are_there(live_server: Server) -> None:
    with live_server.http() as http:
        replies = [http.get("/healthz"), http.get("/readyz")]

    assert [reply.status_code for reply in replies] == [200, 200]
