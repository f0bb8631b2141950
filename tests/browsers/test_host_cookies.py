"""With https a real browser takes the cookies of the pages, and nobody else can set one (RFC 6265bis)."""

import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Browser

from rescind import create_app
from rescind.domain.people import users
from tests.browsers.client_site import ClientSite
from tests.browsers.stage import Stage
from tests.chromium import new_context
from tests.cli.shell import on_sqlite
from tests.receivers import certificate_for
from tests.servers import SECRET_KEY, Server, free_port
from tests.web.pages.browser import PASSWORD


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Keep what was asked for to itself."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextlib.contextmanager
def behind_tls(store_url: str, folder: Path) -> Iterator[Server]:
    """Run the application in this process, with TLS as a proxy in front would end it."""
    port = free_port()
    base_url = f"https://127.0.0.1:{port}"
    config = {"RESCIND_DATABASE_URL": store_url, "RESCIND_SECRET_KEY": SECRET_KEY}
    app = create_app(config | {"RESCIND_PUBLIC_URL": base_url, "RESCIND_INSTANCE_PATH": str(folder)})
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate_for("127.0.0.1", folder / "certificate.pem"))
    with make_server("127.0.0.1", port, app, _Threaded, _Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        authority = app.extensions["rescind"].authority
        yield Server(authority, None, base_url)
        server.shutdown()
        authority.store.dispose()


@on_sqlite
@pytest.mark.requirement("AZ-15")
def test_a_neighbour_at_another_port_can_not_set_what_the_browser_takes_from_us(
    chromium: Browser, store_url: str, tmp_path: Path, site: ClientSite
) -> None:
    with behind_tls(store_url, tmp_path) as server:
        tenant = server.new_tenant()
        users.create(server.authority, tenant.record, "alice", PASSWORD)
        context = new_context(chromium, ignore_https_errors=True)
        stage = Stage(tenant, site, context.new_page())
        stage.open_account()
        stage.sign_in()
        stage.sees("Your account")
        ours = {each["name"]: each for each in context.cookies()}
        name = f"__Host-rescind_session_{tenant.name}"

        # The same host as the browser sees it, by a script of a page that is not ours.
        stage.page.goto(site.callback)
        stage.page.evaluate(
            f"document.cookie = '{name}={'x' * 43}; path=/t/{tenant.name}/account';"
            f"document.cookie = '{name}={'y' * 43}; path=/';"
            f"document.cookie = 'rescind_session={'z' * 43}; path=/t/{tenant.name}';"
        )
        stage.open_account()

        assert set(ours) == {name, f"__Host-rescind_browser_{tenant.name}"}
        assert {(each["path"], each["secure"], each["httpOnly"]) for each in ours.values()} == {
            ("/", True, True)
        }
        stage.sees("Your account")
        # What it tried to set it could set, but for what only we can.
        assert "rescind_session" in {each["name"] for each in context.cookies()}
        assert [each["value"] for each in context.cookies() if each["name"] == name] == [ours[name]["value"]]
        context.close()
