"""A server as tests see it: tenants and clients made through the domain, everything else over HTTP.

`Server.http` goes through the application in this process, where the clock can be set, or to a real gunicorn.
"""

import base64
import contextlib
import itertools
import os
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import flask
import httpx

from rescind.domain.authority import Authority
from rescind.domain.people import sessions
from rescind.domain.registry import clients, tenants
from rescind.domain.revoking.epochs import Epochs, of_subject
from rescind.domain.tokens import codes, pkce
from rescind.domain.tokens.issuing import Authorization, IssuedTokens, issue
from rescind.store.records import TenantRecord
from tests import lives
from tests.forking import Master, gunicorn_process
from tests.patience import LONG_SECONDS

FORM = "application/x-www-form-urlencoded"
SECRET_KEY = "the-secret-key-of-the-tests-0123456789"
CALLBACK = "https://client.example/callback"
VERIFIER = "the-verifier-of-the-tests-0123456789-0123456789"
# Shared: a context of its own reads all certificates that the system trusts, for each client anew.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_numbers = itertools.count()


@dataclass
class Server:
    """One server: its authority for what only an operator does, and HTTP for the rest."""

    authority: Authority
    app: flask.Flask | None
    base_url: str

    def http(self) -> httpx.Client:
        """Give a new HTTP client, with connections of its own."""
        transport = httpx.WSGITransport(app=self.app) if self.app else None
        return httpx.Client(transport=transport, base_url=self.base_url, timeout=LONG_SECONDS, verify=NO_TLS)

    def new_tenant(self, name: str | None = None) -> "Tenant":
        """Make a tenant; tests share a store, so each has tenants of its own."""
        name = name or f"t{os.getpid()}-{next(_numbers)}-{uuid.uuid4().hex[:8]}"
        return Tenant(self, tenants.create(self.authority, name))


@dataclass
class Tenant:
    """A tenant. The record is as it was made: its epoch is read anew where it matters."""

    server: Server
    record: TenantRecord

    @property
    def name(self) -> str:
        """Its name, the segment of the path."""
        return self.record.name

    @property
    def path(self) -> str:
        """Where its endpoints are."""
        return f"/t/{self.name}/oauth2"

    @property
    def issuer(self) -> str:
        """Its issuer identifier."""
        return self.server.authority.settings.issuer(self.name)

    def new_client(self, **options: Any) -> "Client":
        """Register a client; options as `rescind.domain.registry.clients.create` takes them."""
        registered = clients.create(self.server.authority, self.record, **options)
        return Client(self, registered.client.client_id, registered.client_secret)

    def new_session(self, subject: str, lifetime_seconds: int = 3600) -> str:
        """Sign a subject in, and give the session's public id."""
        authority = self.server.authority
        tenant = tenants.get(authority, self.name)
        epoch = of_subject(authority, tenant.id, subject)
        sid, _ = sessions.open_session(
            authority, tenant, subject, subject_epoch=epoch, lifetime_seconds=lifetime_seconds
        )
        return sid


@dataclass
class Client:
    """A client of a tenant, public where it has no secret."""

    tenant: Tenant
    client_id: str
    secret: str | None = field(repr=False)

    @property
    def basic(self) -> str:
        """Its Authorization header (RFC 6749 section 2.3.1)."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret or '')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def post(self, endpoint: str, *, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        """Send a form to an endpoint, authenticated by Basic or, for a public client, by its client_id."""
        return self.send(endpoint, form, headers)

    def send(
        self, endpoint: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a form that is a dictionary already: `post` without its keywords."""
        headers = dict(headers or {})
        if self.secret is None:
            form = {"client_id": self.client_id, **form}
        else:
            headers.setdefault("Authorization", self.basic)
        with self.tenant.server.http() as http:
            return http.post(f"{self.tenant.path}/{endpoint}", data=form, headers=headers)

    def revoke(self, token: str, **form: str) -> httpx.Response:
        """Revoke a token over HTTP."""
        return self.send("revoke", {"token": token, **form})

    def introspect(self, token: str, **form: str) -> httpx.Response:
        """Introspect a token over HTTP, on a connection of its own."""
        return self.send("introspect", {"token": token, **form})

    def refresh(self, refresh_token: str, **form: str) -> httpx.Response:
        """Refresh over HTTP."""
        return self.send("token", {"grant_type": "refresh_token", "refresh_token": refresh_token, **form})

    def access_token(self, **form: str) -> str:
        """Get an access token by client_credentials over HTTP."""
        reply = self.send("token", {"grant_type": "client_credentials", **form})
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])

    def issue(
        self,
        subject: str | None = "alice",
        scope: tuple[str, ...] = (),
        *,
        session_sid: str | None = None,
        is_refreshable: bool = True,
        access_token_seconds: int | None = None,
    ) -> IssuedTokens:
        """Issue tokens about a subject, as consent at the authorize page will do."""
        authorization = self.authorization(
            subject, scope, session_sid=session_sid, is_refreshable=is_refreshable
        )
        authority = self.tenant.server.authority
        (issued,) = issue(authority, authorization, access_token_seconds=access_token_seconds)
        return lives.see(authority, authorization.tenant_id, issued)

    def authorization(
        self,
        subject: str | None = "alice",
        scope: tuple[str, ...] = (),
        *,
        session_sid: str | None = None,
        is_refreshable: bool = False,
    ) -> Authorization:
        """Say what a subject allows this client, under the epochs that stand now."""
        authority = self.tenant.server.authority
        tenant = tenants.get(authority, self.tenant.name)
        client = clients.get(authority, tenant, self.client_id)
        subject_epoch = of_subject(authority, tenant.id, subject) if subject else 0
        return Authorization(
            tenant_id=tenant.id,
            client_id=self.client_id,
            epochs=Epochs.carried_by(tenant, client, subject_epoch),
            scope=scope,
            subject=subject,
            session_sid=session_sid,
            is_refreshable=is_refreshable,
        )

    def mint_code(
        self,
        subject: str = "alice",
        scope: tuple[str, ...] = (),
        *,
        session_sid: str | None = None,
        redirect_uri: str = CALLBACK,
        code_challenge: str = pkce.challenge_of(VERIFIER),
    ) -> str:
        """Make a code about a subject, as consent at the authorize page will do."""
        return codes.mint(
            self.tenant.server.authority,
            self.authorization(subject, scope, session_sid=session_sid),
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
        )

    def exchange(self, code: str, **form: str) -> httpx.Response:
        """Exchange a code over HTTP, with the redirect URI and the verifier of `mint_code`."""
        shown = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **form}
        return self.send("token", {"grant_type": "authorization_code", **shown})

    def is_active(self, token: str) -> bool:
        """Ask by introspection, as this client, over a new connection."""
        reply = self.introspect(token)
        assert reply.status_code == 200, reply.text
        return lives.answered(self.tenant.server.authority, self.tenant.record.id, token, reply.json())


def error_of(reply: httpx.Response) -> str | None:
    """Give the error code of a reply; None where it is no error, so that a test says what it got instead."""
    is_json = reply.headers.get("Content-Type") == "application/json"
    error = reply.json().get("error") if is_json else None
    return None if error is None else str(error)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def gunicorn(
    log: Path,
    environment: dict[str, str],
    *,
    workers: int = 2,
    threads: int = 8,
    application: str = "rescind:create_app()",
) -> Iterator[tuple[str, Master]]:
    """Run the stand-alone server on a real gunicorn; gives its base URL and the master process.

    Args:
        log: where everything that the server prints goes.
        environment: the `RESCIND_` settings.
        application: what gunicorn loads; the tests have a server that measures itself.
    """
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    arguments = ["-c", "python:rescind.web.serving.gunicorn_settings", "--bind", f"127.0.0.1:{port}"]
    arguments += ["--workers", str(workers), "--threads", str(threads), application]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
    all_of_it = {**plain, "RESCIND_PUBLIC_URL": base_url, **environment}
    with gunicorn_process(arguments, all_of_it, log) as master:
        _wait_until_it_answers(base_url, master.is_running, log)
        yield base_url, master


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], base_url: str, log: Path, environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server from when it answers until the block ends; gives its process.

    Args:
        log: where everything that the server prints goes.
        environment: beside what is in this process's; no `RESCIND_` setting is handed down from there.
    """
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**plain, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_it_answers(base_url, lambda: process.poll() is None, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(base_url: str, is_running: Callable[[], bool], log: Path) -> None:
    until, parts = time.monotonic() + LONG_SECONDS, urlsplit(base_url)
    while time.monotonic() < until:
        assert is_running(), log.read_text()
        with contextlib.suppress(OSError):
            # Whether somebody listens is asked often, and in the cheapest way.
            socket.create_connection((parts.hostname, parts.port)).close()
            httpx.get(f"{base_url}/healthz", verify=NO_TLS, timeout=LONG_SECONDS)
            return
        time.sleep(0.02)
    raise AssertionError(log.read_text())
