"""Rescind as an extension: a multi-tenant authorization server in any Flask application."""

import os
from collections.abc import Callable

import flask
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection

from rescind.domain import revocation
from rescind.domain.authority import Authority
from rescind.domain.causes import Cause, Revocation
from rescind.domain.hooks import revoked
from rescind.domain.selectors import Selector
from rescind.errors import SettingsError
from rescind.protocol.rfc6750_bearer import AccessToken
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings
from rescind.store import migrating
from rescind.web import protection
from rescind.web.blueprint import make_blueprint
from rescind.web.databases import database_url
from rescind.web.server import Server

EXTENSION = "rescind"


class Rescind:
    """An authorization server, mounted into a Flask application.

    Args:
        app: the application; without it, call `init_app` later.
        db: the application's Flask-SQLAlchemy, by which the database is found.
        tenant: whose tokens the application's own views take, where they name no tenant themselves.

    Attributes:
        revoked: a blinker signal, sent after a revocation is committed. The sender is `authority`; receivers
            get `revocation=`.
    """

    revoked = revoked

    def __init__(
        self, app: Flask | None = None, db: SQLAlchemy | None = None, *, tenant: str | None = None
    ) -> None:
        self._authority: Authority | None = None
        self._tenant = tenant
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
        self.blueprint = make_blueprint(Server(self._authority))
        app.register_blueprint(self.blueprint)
        if "csrf" in app.extensions:
            # Clients authenticate themselves on every request; no cookie is looked at.
            app.extensions["csrf"].exempt(self.blueprint)

    @property
    def authority(self) -> Authority:
        """The server's store, settings and keys."""
        if self._authority is None:
            raise SettingsError("This Rescind is not mounted yet: call init_app first.")
        return self._authority

    def upgrade(self) -> None:
        """Make our tables, or bring them to the newest revision; to do it twice does no harm.

        Raises:
            StoreUnavailable: nothing was changed.
        """
        migrating.upgrade(self.authority.store)

    def revoke(
        self, selector: Selector, *, cause: str, actor: str = "host", connection: Connection | None = None
    ) -> Revocation:
        """End every active token that the selector names.

        Args:
            selector: what to end; the selectors are names of the package.
            cause: why, as the event row will say.
            connection: of the application's own open transaction, on the PostgreSQL database that holds our
                schema. The revocation is then part of it: nothing is committed here, and no signal is sent.
                It holds a row that others may wait for, so call it last.

        Raises:
            NotFound: there is no such tenant.
            StoreUnavailable: the commit was not confirmed. The same call may be made again.
            ValueError: the connection is not one to our database; no statement was sent.
        """
        why = Cause(cause, actor)
        if connection is None:
            return revocation.revoke(self.authority, selector, why)
        return revocation.revoke_within(self.authority.store.adopt(connection), selector, why)

    def require_token(
        self, *scope: str, tenant: str | None = None
    ) -> Callable[[protection.View], protection.View]:
        """Let only requests with an active access token through to a view (RFC 6750).

        Asked on every request, so a token is refused from its revocation on. Without a token, and with one
        that is not active, the answer is 401; 403 where its scope does not suffice; 503 where the store can't
        say. The view finds the token in `current_token`.

        Args:
            scope: all of it is needed.
            tenant: whose tokens; else the view's own argument `tenant`, else the one given to `Rescind`.
        """
        words = tuple(word for each in scope for word in each.split())
        return protection.require_token(lambda: self.authority, words, tenant, self._tenant)

    @property
    def current_token(self) -> AccessToken:
        """The access token of this request, in a view behind `require_token`."""
        token: AccessToken | None = flask.g.get(protection.TOKEN)
        if token is None:
            raise RuntimeError("There is no token: this view is not behind require_token.")
        return token
