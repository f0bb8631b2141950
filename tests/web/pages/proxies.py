"""A proxy in front of an application, under a path of its own."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PUBLIC_URL = "https://example.com/auth"


def put_behind(app: Flask) -> None:
    """Put the application behind the path of the public URL."""
    app.wsgi_app = Proxy(app.wsgi_app)  # type: ignore[method-assign]


class Proxy:
    """Takes the path off before it passes a request on; other applications of the host are nobody here."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith("/.well-known/oauth-authorization-server/auth/"):
            return self._app(environ, start_response)
        if path.startswith("/auth/"):
            return self._app({**environ, "PATH_INFO": path.removeprefix("/auth")}, start_response)
        start_response("502 Not ours", [])
        return [b"not ours"]
