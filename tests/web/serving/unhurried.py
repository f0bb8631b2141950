"""The server for gunicorn, with an address that takes long to answer."""

import time

import flask

from rescind import create_app as create


def create_app() -> flask.Flask:
    """Make it."""
    app = create()

    @app.get("/long")
    def long() -> str:
        time.sleep(3)
        return "at last"

    return app
