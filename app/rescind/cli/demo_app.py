"""The app of the demonstration: a site of its own, with which one signs in and takes that back in a browser.

It is a public client as RFC 8252 and RFC 7636 have it. Whether its access is alive it learns as any app does,
by using its token. There is one person at the demonstration, so what the app knows is of that one.
"""

import base64
import hashlib
import json
import secrets
import threading
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from rescind.cli.demo_script import APP_ID, APP_SCOPE, TENANT, send
from rescind.errors import Refused

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo app</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto }}</style>
<h1>Demo app</h1>{}</html>"""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class DemoApp:
    """The app, on a port of its own.

    Args:
        base_url: of the server that it signs people in with.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._path = f"/t/{TENANT}/oauth2"
        self._token: str | None = None
        # Verifiers of the requests that are under way, by state.
        self._verifiers: dict[str, str] = {}
        self._site = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._site.server_port}"

    @property
    def redirect_uri(self) -> str:
        """Where people come back to."""
        return f"{self.url}/callback"

    def serve(self) -> None:
        """Answer from now on, in a thread."""
        threading.Thread(target=self._site.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Give the port back."""
        self._site.server_close()

    def begin(self) -> str:
        """Give the address of a new request for authorization."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        self._verifiers[state] = verifier
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        query = {
            "response_type": "code",
            "client_id": APP_ID,
            "redirect_uri": self.redirect_uri,
            "scope": APP_SCOPE,
            "state": state,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._base_url}{self._path}/authorize?{urlencode(query)}"

    def finish(self, query: str) -> None:
        """Exchange the code that somebody came back with; without one there is no access."""
        given = {name: values[0] for name, values in parse_qs(query).items()}
        verifier = self._verifiers.pop(given.get("state", ""), None)
        if verifier is None:
            return
        form = {
            "grant_type": "authorization_code",
            "client_id": APP_ID,
            "code": given.get("code", ""),
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        answer = send(self._base_url, "POST", f"{self._path}/token", urlencode(form), _FORM)
        self._token = str(answer.body["access_token"]) if answer.status == HTTPStatus.OK else None

    def page(self) -> str:
        """Show who is signed in, as the token says at this moment."""
        sign_in = '<p><a href="/sign-in">Sign in with Rescind</a></p>'
        if self._token is None:
            return _PAGE.format(f"<p>Nobody has let this app in.</p>{sign_in}")
        bearer = {"Authorization": f"Bearer {self._token}"}
        answer = send(self._base_url, "GET", f"{self._path}/userinfo", headers=bearer)
        account = escape(f"{self._base_url}/t/{TENANT}/account")
        if answer.status == HTTPStatus.OK:
            subject = escape(str(json.loads(answer.text)["sub"]))
            back = f'<p>Take it back in <a href="{account}">your account</a>, and load this page again.</p>'
            return _PAGE.format(
                f"<p>The token of this app is active: it acts for <b>{subject}</b>.</p>{back}"
            )
        ended = "<p>The token of this app is <b>no longer active</b>: it is refused from now on.</p>"
        return _PAGE.format(ended + sign_in)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    self._answer()
                except Refused as error:
                    self.send_error(HTTPStatus.BAD_GATEWAY, str(error))

            def _answer(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/sign-in":
                    return self._send_to(app.begin())
                if asked.path == "/callback":
                    app.finish(asked.query)
                    return self._send_to("/")
                if asked.path != "/":
                    return self.send_error(HTTPStatus.NOT_FOUND)
                body = app.page().encode()
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def _send_to(self, address: str) -> None:
                self.send_response(HTTPStatus.SEE_OTHER)
                self.send_header("Location", address)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing: the terminal is for the demonstration."""

        return Handler
