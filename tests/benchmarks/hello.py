"""The baseline: what Flask costs that does nothing, behind the same gunicorn."""

from types import SimpleNamespace

from flask import Flask


def create_app() -> Flask:
    """Make an application with one page."""
    app = Flask("hello", static_folder=None)
    app.add_url_rule("/", view_func=lambda: "hello")
    # The settings of gunicorn start our maintenance, which sleeps for longer than a benchmark takes.
    app.extensions["rescind"] = SimpleNamespace(authority=None)
    return app
