"""The baseline: what Flask costs that does nothing, behind the same gunicorn."""

from flask import Flask


def create_app() -> Flask:
    """Make an application with one page."""
    app = Flask("hello", static_folder=None)
    app.add_url_rule("/", view_func=lambda: "hello")
    return app
