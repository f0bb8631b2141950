"""What a host does to every request does nothing to ours, and what it does to its own stays as it was."""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from tests.embedding.hosts import Config, Host, Prepare, database, hosting
from tests.servers import FORM, Client, error_of

Mount = Callable[..., Host]
# The host's habits are the same on both.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

LIMIT = {"MAX_CONTENT_LENGTH": 100}


def nothing(app: Flask, db: SQLAlchemy) -> None:
    """Leave the host as it is."""


def touch_the_form(app: Flask, db: SQLAlchemy) -> None:
    """Look into the form of every request, as a host does that counts them by a parameter."""
    app.before_request(lambda: flask.request.form.get("campaign") and None)


def touch_the_form_early(app: Flask, db: SQLAlchemy) -> None:
    """Look into it before anybody else can."""

    @app.url_value_preprocessor
    def touch(endpoint: str | None, values: dict[str, Any] | None) -> None:
        flask.request.form.get("campaign")


def catch_everything(app: Flask, db: SQLAlchemy) -> None:
    """Answer every error with a page."""
    app.register_error_handler(Exception, lambda error: ("<html>Sorry!</html>", 418))


def protect_from_csrf(app: Flask, db: SQLAlchemy) -> None:
    """Have Flask-WTF refuse every POST without its token."""
    CSRFProtect(app)


def be_lenient_with_slashes(app: Flask, db: SQLAlchemy) -> None:
    """Take `/orders/` for `/orders`."""
    app.url_map.strict_slashes = False


def ask_to_sign_in(app: Flask, db: SQLAlchemy) -> None:
    """Send everybody to a sign-in page, but for whom our endpoints are."""
    signed_in = {"rescind"}
    app.before_request(lambda: None if flask.request.blueprint in signed_in else flask.redirect("/login"))


def have_orders(app: Flask, db: SQLAlchemy) -> None:
    """Serve an address of the host's own."""
    app.add_url_rule("/orders/new", view_func=lambda: "a new order", methods=["GET", "POST"])


@pytest.fixture
def mount(store_url: str, tmp_path: Path) -> Iterator[Mount]:
    """Give the function that makes a host with its habits and mounts Rescind on it."""
    with contextlib.ExitStack() as stack:

        def make(config: Config, before: Prepare = nothing, after: Prepare = nothing) -> Host:
            whole = {**database(store_url, tmp_path), **config}
            return stack.enter_context(hosting(tmp_path, whole, before=before, after=after))

        yield make


def send_in_chunks(host: Host, client: Client, token: str, padding: int) -> tuple[int, bytes]:
    """Revoke with a body of unknown length in which the token comes last."""
    reply = host.app.test_client().post(
        f"{client.tenant.path}/revoke",
        input_stream=io.BytesIO(b"padding=" + b"x" * padding + b"&token=" + token.encode()),
        environ_overrides={"wsgi.input_terminated": True},
        headers={"Authorization": client.basic, "Content-Type": FORM, "Transfer-Encoding": "chunked"},
    )
    return reply.status_code, reply.data


@pytest.mark.parametrize(
    ("config", "before", "after"),
    [
        (LIMIT, nothing, nothing),
        ({}, touch_the_form, nothing),
        (LIMIT, touch_the_form, nothing),
        ({}, touch_the_form_early, nothing),
        ({}, catch_everything, nothing),
        ({}, protect_from_csrf, nothing),
        ({}, nothing, protect_from_csrf),
        ({"WTF_CSRF_SSL_STRICT": True}, touch_the_form, protect_from_csrf),
        ({}, be_lenient_with_slashes, nothing),
        ({}, ask_to_sign_in, nothing),
    ],
    ids=[
        "a limit of 100 bytes",
        "parses every form",
        "parses every form within 100 bytes",
        "parses every form before all else",
        "a page for every error",
        "csrf protection set up before",
        "csrf protection set up after",
        "csrf protection of a parsed form",
        "lenient with slashes",
        "a sign-in page for all others",
    ],
)
def test_it_issues_revokes_and_answers_errors_as_ever(
    mount: Mount, config: Config, before: Prepare, after: Prepare
) -> None:
    client = mount(config, before, after).server.new_tenant().new_client()
    token, kept = client.access_token(), client.access_token()

    revoked = client.revoke(token, unknown="x" * 200)
    refused = client.revoke("")

    assert (revoked.status_code, revoked.content) == (200, b"")
    assert not client.is_active(token)
    assert client.is_active(kept)
    assert (refused.status_code, error_of(refused)) == (400, "invalid_request")


@pytest.mark.requirement("ERR-07")
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "revoke", b"", 405),
        ("POST", "revoke", b"token=x", 401),
        ("POST", "revoke", b"x" * 70_000, 413),
        ("POST", "token", b"\xff=\xff", 400),
        ("PUT", "introspect", b"", 405),
    ],
    ids=["wrong method", "no client", "too large", "no text", "wrong method, with a body"],
)
def test_errors_are_json_where_the_host_answers_every_error_with_a_page(
    mount: Mount, method: str, path: str, body: bytes, status: int
) -> None:
    host = mount(LIMIT, catch_everything, touch_the_form)
    tenant = host.server.new_tenant()

    with host.server.http() as http:
        reply = http.request(method, f"{tenant.path}/{path}", content=body, headers={"Content-Type": FORM})

    assert reply.status_code == status
    assert reply.json().keys() == {"error", "error_description"}


def test_a_store_that_is_down_is_503_where_the_host_answers_every_error_with_a_page(
    mount: Mount, tmp_path: Path
) -> None:
    (tmp_path / "none.sqlite3").write_bytes(1000 * b"no database ")
    host = mount({"RESCIND_DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}, catch_everything)

    with host.server.http() as http:
        reply = http.post("/t/bifrost/oauth2/revoke", data={"token": "x"})

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.requirement("REV-26")
@pytest.mark.parametrize("config", [{}, LIMIT], ids=["without a limit", "with a limit"])
def test_a_chunked_body_is_not_cut_by_a_host_that_parses_it(mount: Mount, config: Config) -> None:
    host = mount(config, touch_the_form)
    client = host.server.new_tenant().new_client()
    token = client.access_token()

    status, body = send_in_chunks(host, client, token, padding=2_000)

    assert (status, body) == (200, b"")
    assert not client.is_active(token)


def test_a_chunked_body_that_the_host_may_have_cut_is_refused(mount: Mount) -> None:
    host = mount(LIMIT, touch_the_form_early)
    client = host.server.new_tenant().new_client()
    token = client.access_token()

    # The limit is reached inside the token, which leaves another, unknown one.
    status, _ = send_in_chunks(host, client, token, padding=60)

    assert status == 400
    assert client.is_active(token)


@pytest.mark.requirement("REV-25")
@pytest.mark.parametrize("config", [{}, LIMIT], ids=["without a limit", "with a limit"])
def test_a_chunked_body_over_64_kib_is_413_also_where_the_host_parses_it(
    mount: Mount, config: Config
) -> None:
    host = mount(config, touch_the_form)
    client = host.server.new_tenant().new_client()
    token = client.access_token()

    status, _ = send_in_chunks(host, client, token, padding=70_000)

    assert status == 413
    assert client.is_active(token)


@pytest.mark.requirement("HYG-03")
@pytest.mark.parametrize(
    "path", ["/t/{}/oauth2//revoke", "//t/{}/oauth2/revoke", "/t/{}/oauth2/revoke/"], ids=lambda path: path
)
def test_no_second_slash_is_overlooked_where_the_host_is_lenient(mount: Mount, path: str) -> None:
    host = mount({}, be_lenient_with_slashes, have_orders)
    client = host.server.new_tenant().new_client()
    token = client.access_token()

    with host.server.http() as http:
        base = host.server.base_url
        reply = http.post(
            base + path.format(client.tenant.name),
            data={"token": token},
            headers={"Authorization": client.basic},
        )
        own = http.get("/orders//new")

    assert reply.status_code == 404
    assert client.is_active(token)
    assert own.status_code == 308


def test_the_hosts_own_views_stay_protected_from_csrf(mount: Mount) -> None:
    host = mount({}, have_orders, protect_from_csrf)
    client = host.server.new_tenant().new_client()
    client.revoke(client.access_token())

    with host.server.http() as http:
        reply = http.post("/orders/new")

    assert reply.status_code == 400
    assert "CSRF" in reply.text


@pytest.mark.requirement("LOG-01")
def test_a_host_that_logs_all_there_is_logs_no_token_and_no_secret(
    mount: Mount, caplog: pytest.LogCaptureFixture
) -> None:
    client = mount({}).server.new_tenant().new_client(scope="read")
    # The log of SQL is the host's own choice, and names values only where it asks for them too.
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "authlib")
    caplog.set_level(logging.DEBUG, "rescind")

    issued = client.issue("alice", ("read",))
    refreshed = client.refresh(issued.refresh_token or "").json()
    token = client.access_token()
    client.revoke(token)
    client.revoke(refreshed["refresh_token"])

    secrets = [
        client.secret,
        client.basic,
        token,
        *refreshed.values(),
        issued.access_token,
        issued.refresh_token,
    ]
    assert not client.is_active(token)
    assert [each for each in secrets if len(str(each)) > 20 and str(each) in caplog.text] == []
