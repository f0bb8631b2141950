"""An application under test: a store of its own, commands on `app.cli`, and fixtures for pytest."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind, Subject
from rescind.testing import TestTenant
from tests.documents import MANUAL

MEMORY = "sqlite:///:memory:"


def made(folder: Path, **config: object) -> tuple[Flask, Rescind]:
    """Make an application under test in the folder of a developer."""
    app = Flask("host", instance_path=str(folder / "instance"))
    app.config.update({"TESTING": True, "SQLALCHEMY_DATABASE_URI": MEMORY, **config})
    rescind = Rescind(tenant="bifrost")
    rescind.init_app(app, SQLAlchemy(app))

    @app.get("/orders")
    @rescind.require_token("orders")
    def orders() -> str:
        return rescind.current_token.subject

    return app, app.extensions["rescind"]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"},
        {"RESCIND_DATABASE_URL": MEMORY},
        {"SQLALCHEMY_BINDS": {"rescind": MEMORY}},
    ],
    ids=["host in memory", "host in a file", "setting in memory", "bind in memory"],
)
def test_it_has_tables_of_its_own_and_leaves_the_developers_folder_alone(
    config: dict[str, object], tmp_path: Path
) -> None:
    app, rescind = made(tmp_path, **config)
    other_app, other = made(tmp_path, **config)

    with app.app_context():
        tenant = TestTenant(rescind, "bifrost")
        app.test_cli_runner().invoke(args=["rescind", "tenant", "create", "bifrost"])
        token = tenant.token(scope="orders")
    listed = other_app.test_cli_runner().invoke(args=["rescind", "tenant", "list", "--json"])

    reply = app.test_client().get("/orders", headers={"Authorization": f"Bearer {token}"})
    assert (reply.status_code, reply.text) == (200, "alice")
    assert (listed.exit_code, listed.output) == (0, "")
    assert not list(tmp_path.rglob("rescind*")) and not list(tmp_path.rglob("secret_key"))
    for each in (rescind, other):
        each.authority.store.dispose()


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    app, rescind = made(tmp_path)
    folder = Path(rescind.authority.settings.instance_path)
    was_there = folder.is_dir()
    rescind.authority.store.dispose()
    del app, rescind
    gc.collect()

    assert was_there and not folder.exists()


def test_without_testing_the_store_is_the_one_that_is_named(tmp_path: Path) -> None:
    _, rescind = made(tmp_path, TESTING=False)
    address = rescind.authority.store.address
    rescind.authority.store.dispose()

    assert address.endswith("/instance/rescind.sqlite3")
    assert str(tmp_path) in address


def test_a_store_that_is_named_is_taken_under_test_too(tmp_path: Path) -> None:
    _, rescind = made(tmp_path, RESCIND_DATABASE_URL=f"sqlite:///{tmp_path}/own.sqlite3")
    address = rescind.authority.store.address
    rescind.authority.store.dispose()

    assert address.endswith("/own.sqlite3")


def test_the_fixtures_of_the_manual_pass_as_they_are_printed(tmp_path: Path) -> None:
    """In a process of its own: pytest takes a plugin for all of a run."""
    blocks = {block.text.splitlines()[0]: block.text for block in MANUAL["recipes"].blocks("py")}
    for name in ("conftest.py", "test_orders.py"):
        (tmp_path / name).write_text(blocks[f"# {name}"])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist", str(tmp_path)],
        env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "2 passed" in run.stdout, run.stdout + run.stderr


def test_revoking_ends_what_the_fixtures_gave(tmp_path: Path) -> None:
    app, rescind = made(tmp_path)
    with app.app_context():
        app.test_cli_runner().invoke(args=["rescind", "tenant", "create", "bifrost"])
        tenant, http = TestTenant(rescind, "bifrost"), app.test_client()
        for end in (tenant.revoke, lambda _: tenant.revoke(Subject("bifrost", "alice"))):
            headers = tenant.headers(scope="orders")
            before = http.get("/orders", headers=headers).status_code
            end(headers["Authorization"].removeprefix("Bearer "))

            assert (before, http.get("/orders", headers=headers).status_code) == (200, 401)
    rescind.authority.store.dispose()
