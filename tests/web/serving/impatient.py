"""The server for gunicorn, whose workers wait a second for a request or an answer that has begun."""

import flask

from rescind import create_app as create
from rescind.web.serving import gunicorn_worker


def create_app() -> flask.Flask:
    """Make it."""
    gunicorn_worker.REQUEST_SECONDS = 1.0
    app = create()

    @app.get("/large")
    def large() -> bytes:
        return b"a" * 32_000_000

    return app
