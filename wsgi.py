"""The standalone server, for a WSGI server to load: `gunicorn wsgi:app`."""

from rescind import create_app

app = create_app()
