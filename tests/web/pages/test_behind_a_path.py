"""A public URL with a path, which the proxy in front takes off: what people and clients are led to has it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc8414 import get_well_known_url

from rescind.domain import clock
from tests.embedding.hosts import configured, database
from tests.servers import Server
from tests.web.pages.asking import account_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.hosts import NOW, WhoAmI, mounted
from tests.web.pages.proxies import PUBLIC_URL, put_behind


@contextlib.contextmanager
def behind(
    store_url: str, folder: Path, login_url: str = "/login", whoami: WhoAmI | None = None
) -> Iterator[Server]:
    app = configured(folder, {"RESCIND_PUBLIC_URL": PUBLIC_URL, **database(store_url, folder)})
    app.add_url_rule("/login", view_func=lambda: "the form of the host")
    put_behind(app)
    with mounted(app, whoami or WhoAmI(None), login_url) as server:
        server.base_url = "https://example.com"
        yield server


def opened(server: Server, address: str) -> Page:
    return Browser(server.http(), server.base_url).open(address)


@pytest.mark.parametrize("login_url", ["/login", "/auth/login", "https://example.com/auth/login"])
def test_people_are_sent_to_the_login_of_the_application_and_back(
    store_url: str, tmp_path: Path, login_url: str
) -> None:
    whoami = WhoAmI(None)
    with behind(store_url, tmp_path, login_url, whoami) as server:
        tenant = server.new_tenant()
        browser = Browser(server.http(), server.base_url)
        login = browser.open(f"/auth{account_of(tenant)}")
        clock.set(NOW + 30)
        whoami.named = ("alice", NOW + 25)
        (back,) = parse_qs(urlsplit(str(login.response.request.url)).query)["next"]

        page = browser.open(back)

    assert login.text == "the form of the host"
    assert back.startswith(f"/auth{account_of(tenant)}?")
    assert "Signed in as <strong>alice</strong>" in page.text


@pytest.mark.parametrize("login_url", ["https://sign-in.example/", "//sign-in.example/"])
def test_a_login_elsewhere_is_left_where_it_is(store_url: str, tmp_path: Path, login_url: str) -> None:
    with behind(store_url, tmp_path, login_url) as server:
        tenant = server.new_tenant()

        with server.http() as http:
            reply = http.get(f"/auth{account_of(tenant)}")

    assert reply.headers["Location"].startswith(f"{login_url}?next=%2Fauth%2Ft%2F{tenant.name}%2Faccount")


@pytest.mark.requirement("MET-01")
def test_8414_s3_1_a_client_finds_the_metadata_where_it_makes_the_address_of_the_issuer(
    store_url: str, tmp_path: Path
) -> None:
    with behind(store_url, tmp_path) as server:
        issuer = f"{PUBLIC_URL}/t/{server.new_tenant().name}/oauth2/token"

        with server.http() as http:
            documents = [
                http.get(get_well_known_url(issuer, external=True)),
                http.get(f"{issuer}/.well-known/openid-configuration"),
            ]

    assert [each.status_code for each in documents] == [200, 200]
    assert [each.json()["issuer"] for each in documents] == [issuer, issuer]
