"""Where the tables are: found through the host's Flask-SQLAlchemy, but on an engine of our own.

The host's session is never used: the server commits before it answers, and must not commit what the host
has half done.
"""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind.settings import Settings

BIND = "rescind"


def database_url(app: Flask, db: SQLAlchemy | None, settings: Settings) -> str:
    """Give the URL of the database: the bind, else the setting, else the host's PostgreSQL, else a file."""
    if db is not None:
        with app.app_context():
            engines = db.engines
        if BIND in engines:
            return engines[BIND].url.render_as_string(hide_password=False)
        host = engines.get(None)
        if settings.database_url is None and host is not None and host.dialect.name == "postgresql":
            return host.url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return settings.resolved_database_url
