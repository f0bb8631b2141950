"""The stand-alone server."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

from rescind.errors import SettingsError
from rescind.starting import load_settings as load_settings
from rescind.web.extension import Rescind
from rescind.web.pages import front
from rescind.web.serving import health, logs
from rescind.web.wire import replies

log = logging.getLogger(__name__)

HSTS_SECONDS = 31_536_000


class _StandAlone(Rescind):
    """On an application of our own, whose settings are those of the `rescind` command."""

    _command = "rescind"
    _has_views = False


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the stand-alone server: `gunicorn "rescind:create_app()"`.

    Args:
        config: Flask configuration; its `RESCIND_` keys go before those of the environment.

    Raises:
        SettingsError: a setting is unknown or wrong, or the secret key is another than the store's; the
            text is one line.
    """
    app = _bare_app()
    app.config.update(config or {})
    settings = load_settings(app.config)
    logs.set_up(settings.log_level)
    logs.log_requests(app)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.resolved_database_url
    SQLAlchemy(app)
    rescind = _StandAlone(app)
    app.register_blueprint(health.make_blueprint(rescind.authority))
    app.register_blueprint(front.make_blueprint(rescind.authority))
    # A redirect to the single slash would have the client send its credentials twice.
    app.url_map.merge_slashes = False
    app.register_error_handler(Exception, replies.error_reply)
    if settings.public_url.startswith("https:"):
        app.after_request(_demand_https)
    if settings.trusted_proxies:
        # The address alone: which URLs the server names is said by its public URL and nothing else.
        fixed = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    elif settings.public_url.startswith("https:"):
        log.warning(
            "RESCIND_PUBLIC_URL is https and RESCIND_TRUSTED_PROXIES is 0: behind a proxy everybody has its "
            "address, and %d failed sign-ins keep everybody out. Set it to the number of proxies that add to "
            "X-Forwarded-For.",
            settings.sign_in_attempts_per_address,
        )
    try:
        health.log_state(rescind.authority)
    except SettingsError:
        rescind.authority.store.dispose()
        raise
    health.log_missing_settings()
    return app


def _bare_app() -> Flask:
    return Flask("rescind", static_folder=None)


def _demand_https(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    return response
