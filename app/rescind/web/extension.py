"""Rescind as an extension: a multi-tenant authorization server in any Flask application."""

import importlib
import os
from collections.abc import Callable
from copy import copy
from dataclasses import replace

import flask
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.registry import secret_keys
from rescind.domain.revoking import revocation
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.hooks import revoked
from rescind.domain.revoking.selectors import Selector
from rescind.errors import SettingsError
from rescind.protocol.rfc6750_bearer import AccessToken
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings
from rescind.store import migrating
from rescind.web import temporary
from rescind.web.blueprint import make_blueprint
from rescind.web.databases import database_url
from rescind.web.endpoints import protection
from rescind.web.endpoints.protected_resources import ProtectedResources
from rescind.web.pages.hosts import Claims, CurrentSubject, Host, claims_of
from rescind.web.server import Server

EXTENSION = COMMANDS = "rescind"


class Rescind:
    """An authorization server, mounted into a Flask application.

    Args:
        app: the one application that it is for. Without it, `init_app` mounts it on as many as a factory
            makes, and what is called then is the one of the current application.
        db: the application's Flask-SQLAlchemy, by which the database is found.
        tenant: whose tokens the application's own views take, where they name no tenant themselves.
        current_subject: how the application signs people in itself, instead of our page: says of the present
            request who is signed in and since when, `(subject, seconds since 1970)`, or None. Where it has a
            parameter `tenant` it is told the name of the tenant, else one sign-in is good at all of them.
            Once what a sign-in led to has ended, only a later one counts; none does that is
            `RESCIND_AUDIT_DAYS` old, or more than a minute ahead of our clock.
        login_url: with it, where people are sent to sign in: a whole URL, or a path of the application, which
            browsers see behind that of the public URL. They are to be sent back to the path in its parameter
            `next`, after a new sign-in: not at once because they are signed in already.
        claims: what is told of people, in the place of what is known of our users: is called with a subject
            and the words of a scope, and with the name of the tenant where it has a parameter `tenant`. Gives
            claims of OpenID Connect Core section 5.1 and others of its own. The standard's are told where
            their scope was given, and nowhere else; `name` is what our pages call the person. Where it
            fails, nothing is told.

    Attributes:
        tenant: as it was given.
        revoked: a blinker signal, sent after a revocation is committed. The sender is `authority`; receivers
            get `revocation=`.
    """

    revoked = revoked

    # What is typed for our commands on the store of an application, whose name only its host knows.
    _command = "flask --app <yours> rescind"
    # Whether the application has views of its own, whose resources are described.
    _has_views = True

    def __init__(
        self,
        app: Flask | None = None,
        db: SQLAlchemy | None = None,
        *,
        tenant: str | None = None,
        current_subject: CurrentSubject | None = None,
        login_url: str | None = None,
        claims: Claims | None = None,
    ) -> None:
        if (current_subject is None) != (login_url is None):
            raise SettingsError("current_subject and login_url go together: who is signed in, and where.")
        self._db = db
        self.tenant = tenant
        self._host = Host.of(current_subject, login_url) if current_subject and login_url else None
        self._resources = ProtectedResources()
        self._claims = claims_of(claims) if claims is not None else None
        self._authority: Authority | None = None
        self._origin = self
        if app is not None:
            self._mount(app, db)

    def init_app(self, app: Flask, db: SQLAlchemy | None = None) -> None:
        """Register the endpoints on an application, once it is configured and `db` is set up on it.

        Raises:
            SettingsError: a `RESCIND_` setting is wrong, the database is none that can be used, or the
                application has a Rescind already.
        """
        if self._authority is not None:
            raise SettingsError("This Rescind was made for an application; make one without, for init_app.")
        copy(self)._mount(app, db or self._db)

    def _mount(self, app: Flask, db: SQLAlchemy | None) -> None:
        if EXTENSION in app.extensions:
            raise SettingsError("This application has a Rescind already; one application mounts one.")
        if temporary.is_wanted(app, db, os.environ):
            settings, url = _for_tests(app)
        else:
            settings = Settings.load(os.environ, app.config, instance_path=app.instance_path)
            url = database_url(app, db, settings)
        opened = Authority.open(ensure_secret_key(settings), url, command=self._command)
        self._authority = replace(opened, host_claims=self._claims, has_users=self._host is None)
        resources = self._resources if self._has_views else None
        app.register_blueprint(make_blueprint(Server(self._authority), self._host, resources))
        app.extensions[EXTENSION] = self
        protection.exempt_from_csrf(app)
        self._add_commands(app)

    def _add_commands(self, app: Flask) -> None:
        """Add `rescind` to the commands of the application, where its own tests look for them.

        By its name, as the entry point does: the commands stand above the web.
        """
        if COMMANDS not in app.cli.commands:
            app.cli.add_command(importlib.import_module("rescind.cli.embedded").rescind)

    @property
    def authority(self) -> Authority:
        """The store, settings and keys: of the application that this was made for, or of the current one.

        Raises:
            SettingsError: this is not mounted there.
        """
        if self._authority is not None:
            return self._authority
        mounted = flask.current_app.extensions.get(EXTENSION) if flask.has_app_context() else None
        if mounted is None or mounted._origin is not self:
            raise SettingsError("Call rescind.init_app(app) first, and use it within app.app_context().")
        authority: Authority = mounted.authority
        return authority

    def upgrade(self) -> None:
        """Make our tables, or bring them to the newest revision; to do it twice does no harm.

        Raises:
            SettingsError: the secret key is another than the store's.
            StoreUnavailable: nothing was changed.
        """
        migrating.upgrade(self.authority.store)
        secret_keys.recognise(self.authority)

    def revoke(
        self, selector: Selector, *, cause: str, actor: str = "host", connection: Connection | None = None
    ) -> Revocation:
        """End every active token that the selector names.

        Args:
            selector: what to end; the selectors are names of the package.
            cause: why, as the event row will say.
            connection: of the application's own open transaction, READ COMMITTED, on the PostgreSQL database
                that holds our schema. The revocation is then part of it: nothing is committed here, and no
                signal is sent. It holds a row that others may wait for, so call it last.

        Raises:
            BadValue: the cause or the actor is empty, too long or not printable.
            NotFound: there is no such tenant.
            StoreUnavailable: the commit was not confirmed. The same call may be made again.
            TypeError: the selector is none.
            ValueError: the selector is an `Access`, which takes transactions of its own; or the connection is
                not one to our database, commits each statement by itself, or is in
                a transaction that does not see what was issued since it began; nothing was changed. What
                else goes wrong on it comes as SQLAlchemy raises it.
        """
        if not isinstance(selector, Selector):
            raise TypeError(
                "revoke() takes a selector, as Subject(tenant, subject), "
                f"and not {type(selector).__name__}: import one from rescind."
            )
        why = Cause(names.cause(cause), names.cause(actor))
        if connection is None:
            return revocation.revoke(self.authority, selector, why)
        tx = self.authority.store.adopt(connection)
        return revocation.revoke_within(self.authority, tx, selector, why)

    def require_token(
        self, *scope: str, tenant: str | None = None, resource: str | None = None
    ) -> Callable[[protection.View], protection.View]:
        """Let only requests with an active access token through to a view (RFC 6750).

        Asked on every request, so a token is refused from its revocation on. Without a token, and with one
        that is not active, the answer is 401; 403 where its scope does not suffice; 503 where the store can't
        say. The view finds the token in `current_token`.

        Args:
            scope: all of it is needed.
            tenant: whose tokens; else the view's own argument `tenant`, else the one given to `Rescind`.
            resource: the URL under which clients know this view, or the whole that it is a part of. Only
                tokens that are meant for it are let through (RFC 8707). It is described to clients where RFC
                9728 says, which every challenge names. It needs a tenant of the decorator or of `Rescind`; a
                view whose own argument `tenant` is another takes no token.

        Raises:
            SettingsError: the resource can be none, or has no tenant.
            TypeError: a scope is no text, as where it stands above a view without its parentheses.
        """
        if not all(isinstance(each, str) for each in scope):
            raise TypeError("require_token takes scopes: write @rescind.require_token() with parentheses.")
        words = tuple(word for each in scope for word in each.split())
        described = None
        if resource is not None:
            described = self._resources.add(resource, tenant or self.tenant, words)
            tenant = described.tenant
        return protection.require_token(lambda: self.authority, words, tenant, self.tenant, described)

    @property
    def current_token(self) -> AccessToken:
        """The access token of this request, in a view behind `require_token`."""
        token: AccessToken | None = flask.request.environ.get(protection.TOKEN)
        if token is None:
            raise RuntimeError("There is no token: this view is not behind require_token.")
        return token


def _for_tests(app: Flask) -> tuple[Settings, str]:
    """Give the settings and the store of an application under test, of which nothing is left after it."""
    environ, config = (temporary.without_memory(each) for each in (os.environ, app.config))
    settings = Settings.load(environ, config, instance_path=temporary.folder(app))
    return settings, settings.resolved_database_url
