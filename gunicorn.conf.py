"""The settings of `gunicorn wsgi:app` in this folder: gunicorn finds them by the name of this file."""

from rescind.web.serving.gunicorn_settings import *  # noqa: F403
