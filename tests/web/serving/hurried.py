"""The server for gunicorn, whose workers purge at once and not within the hour."""

import flask

from rescind import create_app as create
from rescind.web.serving import maintenance


def create_app() -> flask.Flask:
    """Make it."""
    maintenance.PURGE_EVERY_SECONDS = 0.1
    return create()
