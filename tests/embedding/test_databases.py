"""Where the tables of an embedded Rescind are: DESIGN section 2.4, "own engine"."""

import logging
import sys
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, make_url

from rescind import Rescind
from rescind.errors import SettingsError
from rescind.store import migrating
from tests.embedding.hosts import Base, Config, configured, hosting

# Nobody connects to it.
URI = "postgresql+psycopg://shop:secret@db.example:6543/shop"
POSTGRESQL = {"SQLALCHEMY_DATABASE_URI": URI}
SQLITE = {"SQLALCHEMY_DATABASE_URI": "sqlite:///shop.sqlite3"}


def place(folder: Path, config: Config) -> URL:
    """Tell where a host with these settings has our tables."""
    with hosting(folder, config) as host:
        return host.rescind.authority.store.url


def refusal(folder: Path, config: Config) -> str:
    """Mount on a host where that has to be refused, and give the sentence."""
    app = configured(folder, config)
    db = SQLAlchemy(app, metadata=Base.metadata)
    with pytest.raises(SettingsError) as caught:
        Rescind(app, db)
    return str(caught.value)


def test_a_host_on_sqlite_has_our_tables_in_a_file_of_their_own_in_the_instance_folder(
    tmp_path: Path,
) -> None:
    odd = tmp_path / "50% of? a folder"

    url = place(odd, SQLITE)

    assert url.drivername == "sqlite"
    assert url.database == f"{odd}/instance/rescind.sqlite3"


def test_a_host_on_postgresql_has_our_tables_in_its_database(tmp_path: Path) -> None:
    url = place(tmp_path, POSTGRESQL)

    assert url == make_url(URI)


def test_the_setting_goes_before_the_database_of_the_host(tmp_path: Path) -> None:
    ours = "postgresql://auth:secret@auth.example/auth"

    url = place(tmp_path, {**POSTGRESQL, "RESCIND_DATABASE_URL": ours})

    assert url == make_url(ours).set(drivername="postgresql+psycopg")


@pytest.mark.parametrize("default", [SQLITE, POSTGRESQL, {}], ids=["sqlite", "postgresql", "none"])
def test_the_bind_goes_before_the_setting_and_the_database_of_the_host(
    tmp_path: Path, default: Config
) -> None:
    url = place(
        tmp_path,
        {
            **default,
            "SQLALCHEMY_BINDS": {"rescind": "sqlite:///of%20the%20bind.sqlite3"},
            "RESCIND_DATABASE_URL": "postgresql://auth:secret@auth.example/auth",
        },
    )

    assert url.database == f"{tmp_path}/instance/of the bind.sqlite3"


@pytest.mark.parametrize(
    "config",
    [
        {
            **POSTGRESQL,
            "SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"sslmode": "verify-full", "connect_timeout": 9}},
        },
        {
            **SQLITE,
            "SQLALCHEMY_BINDS": {"rescind": {"url": URI, "connect_args": {"sslmode": "verify-full"}}},
        },
    ],
    ids=["of the host", "of the bind"],
)
def test_how_tls_is_checked_is_taken_over_from_the_options_of_the_engine(
    tmp_path: Path, config: Config
) -> None:
    url = place(tmp_path, config)

    assert url.query == {"sslmode": "verify-full"}


def test_the_db_that_the_constructor_was_given_counts_at_init_app(tmp_path: Path) -> None:
    app = configured(tmp_path, POSTGRESQL)
    rescind = Rescind(db=SQLAlchemy(app, metadata=Base.metadata))

    rescind.init_app(app)

    assert app.extensions["rescind"].authority.store.url == make_url(URI)


def test_a_bind_works_beside_the_host_and_its_file_holds_our_tables(tmp_path: Path) -> None:
    with hosting(tmp_path, {**SQLITE, "SQLALCHEMY_BINDS": {"rescind": "sqlite:///bind.sqlite3"}}) as host:
        host.rescind.upgrade()
        client = host.server.new_tenant().new_client()

        assert client.is_active(client.access_token())
        assert migrating.differences(host.rescind.authority.store) == []
        assert (tmp_path / "instance" / "bind.sqlite3").exists()
        assert not (tmp_path / "instance" / "rescind.sqlite3").exists()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"RESCIND_DATABASE_URL": "sqlite:///shop.sqlite3"}, "needs a SQLite file of its own"),
        ({"SQLALCHEMY_BINDS": {"rescind": "sqlite:///../instance/shop.sqlite3"}}, "a SQLite file of its own"),
        ({"SQLALCHEMY_BINDS": {"rescind": "sqlite://"}}, "not a database in memory"),
        ({"SQLALCHEMY_BINDS": {"rescind": "sqlite:///:memory:"}}, "not a database in memory"),
        ({"SQLALCHEMY_BINDS": {"rescind": {"url": URI, "creator": print}}}, "set RESCIND_DATABASE_URL"),
    ],
    ids=["file of the host", "file of the host as bind", "in memory", "named in memory", "creator"],
)
def test_a_database_that_cannot_be_ours_is_refused_at_the_start(
    tmp_path: Path, config: Config, sentence: str
) -> None:
    refused = refusal(tmp_path, {**SQLITE, **config})

    assert sentence in refused


def test_a_db_that_is_not_set_up_on_the_application_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"db\.init_app\(app\) first"):
        Rescind(configured(tmp_path, SQLITE), SQLAlchemy(metadata=Base.metadata))


def test_postgresql_without_its_driver_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = configured(tmp_path, {"RESCIND_DATABASE_URL": URI})
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsError, match=r"pip install 'rescind\[postgres\]'"):
        Rescind(app)


def test_a_role_named_like_our_schema_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place(tmp_path, {"SQLALCHEMY_DATABASE_URI": URI.replace("shop:", "rescind:")})

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "ALTER ROLE rescind SET search_path" in caplog.text


@pytest.mark.parametrize(
    "config",
    [
        POSTGRESQL,
        {
            "SQLALCHEMY_DATABASE_URI": URI.replace("shop:", "rescind:"),
            "SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"options": "-csearch_path=public"}},
        },
    ],
    ids=["another role", "a path of its own"],
)
def test_no_warning_where_there_is_no_such_danger(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, config: Config
) -> None:
    place(tmp_path, config)

    assert caplog.records == []
