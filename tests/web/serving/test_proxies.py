"""Whose address a sign-in is counted by, with proxies in front and without."""

import logging
from pathlib import Path

import flask
import pytest

from rescind import create_app
from tests.cli.shell import on_sqlite
from tests.domain.people.signing_in import AWAY
from tests.servers import SECRET_KEY, Server

HTTPS, HTTP = "https://auth.example.com", "http://127.0.0.1:8000"


@on_sqlite
@pytest.mark.settings(trusted_proxies=1)
def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(server: Server) -> None:
    assert server.app is not None
    named = {"Host": "evil.example", "Proto": "https", "Port": "444", "Prefix": "/evil"}
    headers = {f"X-Forwarded-{name}": value for name, value in named.items()}
    headers["X-Forwarded-For"] = f"203.0.113.1, {AWAY}"

    with server.app.test_client() as browser:
        browser.get("/healthz", headers=headers)

        assert flask.request.remote_addr == AWAY
        assert flask.request.url == "http://localhost/healthz"


@on_sqlite
def test_without_a_proxy_nobody_chooses_an_address(server: Server) -> None:
    assert server.app is not None

    with server.app.test_client() as browser:
        browser.get("/healthz", headers={"X-Forwarded-For": AWAY})

        assert flask.request.remote_addr == "127.0.0.1"


@pytest.mark.parametrize(
    ("public_url", "trusted_proxies", "is_told"),
    [(HTTPS, 0, True), (HTTPS, 1, False), (HTTP, 0, False)],
    ids=["https", "https and a proxy", "http"],
)
def test_an_https_url_without_a_trusted_proxy_is_told_at_the_start(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    public_url: str,
    trusted_proxies: int,
    is_told: bool,
) -> None:
    config = {
        "RESCIND_PUBLIC_URL": public_url,
        "RESCIND_TRUSTED_PROXIES": trusted_proxies,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }
    logging.getLogger("rescind").addHandler(caplog.handler)
    try:
        app = create_app(config)
    finally:
        logging.getLogger("rescind").removeHandler(caplog.handler)
    app.extensions["rescind"].authority.store.dispose()

    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert any("RESCIND_TRUSTED_PROXIES is 0" in text and "50" in text for text in told) is is_told
