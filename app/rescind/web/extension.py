"""Rescind as an extension: a multi-tenant authorization server in any Flask application."""

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind.domain.authority import Authority
from rescind.domain.causes import Cause, Revocation
from rescind.domain.hooks import revoked
from rescind.domain.revocation import revoke
from rescind.domain.selectors import Selector
from rescind.errors import SettingsError
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings
from rescind.web.blueprint import make_blueprint
from rescind.web.databases import database_url
from rescind.web.server import Server

EXTENSION = "rescind"


class Rescind:
    """An authorization server, mounted into a Flask application.

    Args:
        app: the application; without it, call `init_app` later.
        db: the application's Flask-SQLAlchemy, by which the database is found.

    Attributes:
        revoked: a blinker signal, sent after a revocation is committed. The sender is `authority`; receivers
            get `revocation=`.
    """

    revoked = revoked

    def __init__(self, app: Flask | None = None, db: SQLAlchemy | None = None) -> None:
        self._authority: Authority | None = None
        if app is not None:
            self.init_app(app, db)

    def init_app(self, app: Flask, db: SQLAlchemy | None = None) -> None:
        """Register the endpoints on the application.

        Raises:
            SettingsError: a `RESCIND_` setting is wrong, or the application has a Rescind already.
        """
        if EXTENSION in app.extensions or self._authority is not None:
            raise SettingsError("This application has a Rescind already; one application mounts one.")
        loaded = Settings.load(os.environ, app.config, instance_path=app.instance_path)
        settings = ensure_secret_key(loaded)
        self._authority = Authority.open(settings, database_url(app, db, settings))
        app.extensions[EXTENSION] = self
        app.register_blueprint(make_blueprint(Server(self._authority)))

    @property
    def authority(self) -> Authority:
        """The server's store, settings and keys."""
        if self._authority is None:
            raise SettingsError("This Rescind is not mounted yet: call init_app first.")
        return self._authority

    def revoke(self, selector: Selector, *, cause: str, actor: str = "host") -> Revocation:
        """End every active token that the selector names, in a transaction of its own.

        Args:
            selector: one of `rescind.domain.selectors`.
            cause: why, as the event row will say.

        Raises:
            NotFound: there is no such tenant.
            StoreUnavailable: the commit was not confirmed. The same call may be made again.
        """
        return revoke(self.authority, selector, Cause(cause, actor))
