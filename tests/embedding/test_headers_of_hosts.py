"""What a host's extensions set on every answer is set on the host's own; ours stay as they are."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_cors import CORS
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from werkzeug.test import TestResponse

from tests.embedding.hosts import Host, Prepare, database, hosting

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
EVIL = "https://evil.example"


def let_every_page_read(app: Flask, db: SQLAlchemy) -> None:
    """Set Flask-CORS up for all of the application, with credentials."""
    CORS(app, supports_credentials=True, origins=[EVIL], expose_headers=["X-Secret"])


def loosen_the_policy(app: Flask, db: SQLAlchemy) -> None:
    """Set Talisman up with a policy that the host's pages need."""
    Talisman(
        app,
        force_https=False,
        content_security_policy={"default-src": "*", "script-src": "* 'unsafe-inline'"},
        frame_options="SAMEORIGIN",
        referrer_policy="unsafe-url",
    )


def cache_all(app: Flask, db: SQLAlchemy) -> None:
    """Have every answer kept, and called a page."""

    @app.after_request
    def cache(response: Any) -> Any:
        response.headers["Cache-Control"] = "public, max-age=600"
        response.headers["Vary"] = "Accept-Encoding"
        return response


def have_a_view(app: Flask, db: SQLAlchemy) -> None:
    """Serve an address of the host's own."""
    app.add_url_rule("/orders", view_func=lambda: "orders")


@pytest.fixture(params=["before", "after"])
def mounted(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> Iterator[Any]:
    """Give the function that makes a host with its extensions, set up before ours or after."""
    with contextlib.ExitStack() as stack:

        def make(*prepare: Prepare) -> Host:
            def all_of_it(app: Flask, db: SQLAlchemy) -> None:
                for each in (*prepare, have_a_view):
                    each(app, db)

            made = hosting(tmp_path, database(store_url, tmp_path), **{request.param: all_of_it})
            return stack.enter_context(made)

        yield make


def readable_for(reply: TestResponse) -> dict[str, str]:
    """Give what tells browsers which pages may read an answer."""
    return {name: value for name, value in reply.headers if name.lower().startswith("access-control-")}


def test_pages_of_other_origins_read_what_they_read_without_the_host(mounted: Any) -> None:
    host = mounted(let_every_page_read)
    client = host.server.new_tenant().new_client(allowed_origins=["https://app.example"])
    http, path = host.app.test_client(), client.tenant.path

    evil = {"Origin": EVIL, "Authorization": client.basic}
    refused = [http.post(f"{path}/{each}", headers=evil) for each in ("introspect", "revoke", "token")]
    preflight = http.options(
        f"{path}/introspect", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    )
    own = http.post(f"{path}/revoke", headers={"Origin": "https://app.example"})

    assert [readable_for(reply) for reply in (*refused, preflight)] == [{}] * 4
    assert preflight.status_code == 405
    assert readable_for(own)["Access-Control-Allow-Origin"] == "https://app.example"
    assert readable_for(own)["Access-Control-Expose-Headers"].startswith("WWW-Authenticate")
    # The host's own views are as it wants them.
    assert readable_for(http.get("/orders", headers=evil))["Access-Control-Allow-Origin"] == EVIL


def test_pages_keep_their_policy_and_are_framed_by_nobody(mounted: Any) -> None:
    host = mounted(loosen_the_policy)
    tenant = host.server.new_tenant()
    http = host.app.test_client()

    page = http.get(f"/t/{tenant.name}/account")
    own = http.get("/orders")

    assert page.content_type.startswith("text/html")
    assert page.headers.getlist("X-Frame-Options") == ["DENY"]
    assert page.headers.getlist("Referrer-Policy") == ["no-referrer"]
    (policy,) = page.headers.getlist("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "; style-src 'self'; " in policy
    assert own.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "unsafe-inline" in own.headers["Content-Security-Policy"]


def test_nobody_keeps_an_answer_that_holds_a_token(mounted: Any) -> None:
    host = mounted(cache_all)
    client = host.server.new_tenant().new_client()

    reply = host.app.test_client().post(
        f"{client.tenant.path}/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": client.basic},
    )

    assert "access_token" in reply.get_json()
    assert reply.headers.getlist("Cache-Control") == ["no-store"]
    assert set(reply.headers.getlist("Vary")) == {"Accept-Encoding", "Origin"}
