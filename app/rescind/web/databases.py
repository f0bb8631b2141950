"""Where the tables are: found through the host's Flask-SQLAlchemy, but on an engine of our own.

The host's session is never used: the server commits before it answers, and must not commit what the host
has half done.
"""

import logging
import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, Engine, make_url

from rescind.errors import SettingsError
from rescind.setting_values import sqlite_url
from rescind.settings import Settings
from rescind.store.tables import SCHEMA

log = logging.getLogger(__name__)

BIND = "rescind"


def database_url(app: Flask, db: SQLAlchemy | None, settings: Settings) -> str:
    """Give the URL of the database: the bind, else the setting, else the host's PostgreSQL, else a file.

    Raises:
        SettingsError: it is none that can be used, or it is the host's own SQLite file.
    """
    if db is None:
        return settings.resolved_database_url
    found = engines(app, db)
    host = found.get(None)
    if host is not None:
        _warn_of_role(_effective(host.url, _options(app, db, None)))
    if BIND in found:
        url = _taken_over(found[BIND].url, _options(app, db, BIND))
    elif settings.database_url is None and host is not None and host.dialect.name == "postgresql":
        url = _taken_over(host.url, _options(app, db, None))
    else:
        url = settings.resolved_database_url
    if host is not None and _is_same_file(make_url(url), host.url):
        raise SettingsError(
            f"Rescind needs a SQLite file of its own, and {make_url(url).database} is the application's."
        )
    return url


def engines(app: Flask, db: SQLAlchemy) -> Mapping[str | None, Engine]:
    """Give the engines of an application by their binds.

    Raises:
        SettingsError: its Flask-SQLAlchemy is not set up yet.
    """
    with app.app_context():
        try:
            return db.engines
        except RuntimeError:
            raise SettingsError("Call db.init_app(app) first: Rescind finds its database by it.") from None


def _options(app: Flask, db: SQLAlchemy, key: str | None) -> dict[str, Any]:
    """Give the options of an engine, as Flask-SQLAlchemy has put them together."""
    given = app.config["SQLALCHEMY_BINDS"].get(key, {})
    options = {**db._engine_options, **(given if isinstance(given, dict) else {})}
    return options if key is not None else {**options, **app.config["SQLALCHEMY_ENGINE_OPTIONS"]}


def _effective(url: URL, options: dict[str, Any]) -> URL:
    """Add to a PostgreSQL URL what `connect_args` say beside it.

    What is a string there goes to libpq, whichever driver it is: how TLS is checked, first of all.
    """
    given = options.get("connect_args", {}) if url.get_backend_name() == "postgresql" else {}
    return url.update_query_dict({name: value for name, value in given.items() if isinstance(value, str)})


def _taken_over(url: URL, options: dict[str, Any]) -> str:
    """Write down where an engine of the host's connects to, for an engine and a driver of our own."""
    if "creator" in options:
        raise SettingsError("An engine with a creator can't be taken over: set RESCIND_DATABASE_URL.")
    if url.get_backend_name() == "postgresql":
        ours = _effective(url, options).set(drivername="postgresql+psycopg")
        return ours.render_as_string(hide_password=False)
    if url.get_backend_name() == "sqlite" and is_file(url):
        return sqlite_url(str(url.database))
    raise SettingsError(
        f"The bind {BIND} must be a PostgreSQL database or a SQLite file, and not a database in memory."
    )


def is_file(url: URL) -> bool:
    """Tell whether a SQLite URL names a file, and not a database in memory."""
    return bool(url.database) and url.database != ":memory:" and not str(url.database).startswith("file:")


def _is_same_file(ours: URL, host: URL) -> bool:
    if {ours.get_backend_name(), host.get_backend_name()} != {"sqlite"} or not is_file(host):
        return False
    return os.path.realpath(str(ours.database)) == os.path.realpath(str(host.database))


def _warn_of_role(host: URL) -> None:
    """Warn where the host's own tools would look into our schema before they look into `public`."""
    is_on_path = "search_path" not in str(host.query.get("options", ""))
    if host.get_backend_name() == "postgresql" and host.username == SCHEMA and is_on_path:
        log.warning(
            "the application's PostgreSQL role is named %s, like the schema of our tables, so its search path"
            " finds them first and its own migrations would drop them: use another role, or"
            " ALTER ROLE %s SET search_path = public",
            SCHEMA,
            SCHEMA,
        )
