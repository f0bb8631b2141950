"""How every answer behaves as plain HTTP, whatever the endpoint."""

from collections.abc import Callable, Iterator
from pathlib import Path

import flask
import httpx
import pytest

from rescind import Rescind, create_app
from rescind.errors import SettingsError
from tests.servers import FORM, Client, Server, Tenant

BASIC_NONSENSE = {"Authorization": "Basic nonsense"}

Send = Callable[[httpx.Client, Client], httpx.Response]


def post(endpoint: str, content: str, **headers: str) -> Send:
    """Make the sending of a form by the client; headers given here go before."""

    def send(http: httpx.Client, client: Client) -> httpx.Response:
        form = content.format(client.access_token()) if "{}" in content else content
        given = {"Authorization": client.basic, "Content-Type": FORM}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return http.post(f"{client.tenant.path}/{endpoint}", content=form, headers=given)

    return send


def get(path: str) -> Send:
    """Make the sending of a GET request, with the tenant's name where the path has a place for it."""
    return lambda http, client: http.get(path.format(client.tenant.name))


ANSWERS: dict[str, Send] = {
    "token": post("token", "grant_type=client_credentials"),
    "active": post("introspect", "token={}"),
    "inactive": post("introspect", "token=unknown"),
    "revoked": post("revoke", "token={}"),
    "unknown token": post("revoke", "token=unknown"),
    "bad request": post("revoke", ""),
    "bad client": post("token", "grant_type=client_credentials", **BASIC_NONSENSE),
    "too large": post("revoke", "x=" + "x" * 70_000),
    "wrong method": get("/t/{}/oauth2/revoke"),
    "unknown tenant": get("/t/nobody/oauth2/revoke"),
    "unknown path": get("/nothing/here"),
    "metadata": get("/.well-known/oauth-authorization-server/t/{}/oauth2/token"),
    "discovery": get("/t/{}/oauth2/token/.well-known/openid-configuration"),
    "healthz": get("/healthz"),
    "readyz": get("/readyz"),
}
every_answer = pytest.mark.parametrize("send", ANSWERS.values(), ids=ANSWERS)
doubled_slashes = pytest.mark.parametrize(
    "path",
    [
        "/t/{tenant}/oauth2/{endpoint}/",
        "/t/{tenant}/oauth2//{endpoint}",
        "/t/{tenant}//oauth2/{endpoint}",
        "/t//{tenant}/oauth2/{endpoint}",
        "//t/{tenant}/oauth2/{endpoint}",
    ],
    ids=["at-the-end", "before-endpoint", "before-oauth2", "before-tenant", "at-the-beginning"],
)
WRONG = ("bad request", "bad client", "too large", "wrong method", "unknown tenant", "unknown path")


@pytest.fixture
def host_server(server: Server) -> Iterator[Server]:
    """Give an application of somebody else's, with the extension on the same store."""
    settings = server.authority.settings
    app = flask.Flask("host")
    app.config["RESCIND_DATABASE_URL"] = settings.database_url
    app.config["RESCIND_INSTANCE_PATH"] = settings.instance_path
    app.config["RESCIND_SECRET_KEY"] = settings.secret_key
    mounted = Rescind(app)
    yield Server(mounted.authority, app, server.base_url)
    mounted.authority.store.dispose()


@pytest.mark.requirement("HYG-01")
@pytest.mark.requirement("HYG-02")
@every_answer
def test_an_answer_sets_no_cookie_and_is_not_sniffed(server: Server, client: Client, send: Send) -> None:
    with server.http() as http:
        reply = send(http, client)

    assert "Set-Cookie" not in reply.headers
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.requirement("HYG-09")
@pytest.mark.settings(public_url="https://auth.example.com")
@every_answer
def test_https_is_demanded_from_now_on_where_the_public_url_has_it(
    server: Server, client: Client, send: Send
) -> None:
    with server.http() as http:
        reply = send(http, client)

    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.requirement("HYG-09")
@every_answer
def test_https_is_not_demanded_where_the_public_url_has_it_not(
    server: Server, client: Client, send: Send
) -> None:
    with server.http() as http:
        reply = send(http, client)

    assert "Strict-Transport-Security" not in reply.headers


@pytest.mark.requirement("HYG-03")
@pytest.mark.parametrize("endpoint", ["revoke", "introspect", "token"])
@doubled_slashes
def test_one_slash_too_much_is_not_found_and_not_redirected(
    server: Server, client: Client, endpoint: str, path: str
) -> None:
    token = client.access_token()
    url = f"{server.base_url}{path.format(tenant=client.tenant.name, endpoint=endpoint)}"

    with server.http() as http:
        reply = http.post(url, data={"token": token}, headers={"Authorization": client.basic})

    assert reply.status_code == 404
    assert "Location" not in reply.headers
    assert client.is_active(token)


@pytest.mark.requirement("HYG-03")
@doubled_slashes
def test_the_same_holds_in_an_application_that_merges_slashes(
    host_server: Server, client: Client, path: str
) -> None:
    token = client.access_token()
    url = f"{host_server.base_url}{path.format(tenant=client.tenant.name, endpoint='revoke')}"

    with host_server.http() as http:
        reply = http.post(url, data={"token": token}, headers={"Authorization": client.basic})

    assert reply.status_code == 404
    assert "Location" not in reply.headers
    assert client.is_active(token)


@pytest.mark.requirement("HYG-04")
@pytest.mark.parametrize("wrong", WRONG)
def test_after_an_error_the_next_request_is_answered_rightly(live_server: Server, wrong: str) -> None:
    client = live_server.new_tenant().new_client()

    with live_server.http() as http:
        ANSWERS[wrong](http, client)
        reply = ANSWERS["active"](http, client)

    assert reply.status_code == 200
    assert reply.json()["active"] is True


@pytest.mark.requirement("HYG-05")
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.parametrize("query", ["", "?_method=POST"], ids=["header", "header-and-query"])
def test_a_get_is_never_taken_for_a_post(server: Server, client: Client, header: str, query: str) -> None:
    token = client.access_token()
    headers = {"Authorization": client.basic, "Content-Type": FORM, header: "POST"}

    with server.http() as http:
        url = f"{client.tenant.path}/revoke{query}"
        reply = http.request("GET", url, content=f"token={token}", headers=headers)

    assert reply.status_code == 405
    assert client.is_active(token)


@pytest.mark.requirement("HYG-05")
def test_a_post_is_never_taken_for_anything_else(client: Client) -> None:
    token = client.access_token()
    headers = {"X-HTTP-Method-Override": "GET"}

    reply = client.post("revoke", headers=headers, token=token, _method="DELETE")

    assert reply.status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("HYG-06")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    ["/favicon.ico", "/t", "/t/{}/", "/t/{}/oauth2", "/t/{}/oauth2/nothing", "/static/x", "/console"],
)
def test_an_unknown_path_is_not_found_in_a_few_words(
    server: Server, tenant: Tenant, path: str, method: str
) -> None:
    with server.http() as http:
        reply = http.request(method, path.format(tenant.name))

    assert reply.status_code == 404
    assert reply.headers["Content-Type"] == "application/json"
    assert len(reply.content) < 200
    assert "<" not in reply.text


@pytest.mark.requirement("HYG-07")
@pytest.mark.parametrize("key", [None, "a-secret-key-that-is-long-enough"], ids=["without-key", "with-key"])
def test_s1_6_a_public_address_without_https_is_refused_at_the_start(tmp_path: Path, key: str | None) -> None:
    options = {"RESCIND_PUBLIC_URL": "http://auth.example.com", "RESCIND_INSTANCE_PATH": str(tmp_path)}
    keyed = {"RESCIND_SECRET_KEY": key} if key else {}

    with pytest.raises(SettingsError, match="https") as caught:
        create_app(options | keyed)

    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.requirement("HYG-08")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Prefix", "/evil"),
        ("Forwarded", "for=192.0.2.1;host=evil.example;proto=https"),
        ("Host", "evil.example"),
        ("SCRIPT_NAME", "/.well-known"),
        ("SCRIPT_NAME", "/evil"),
        ("PATH_INFO", "/t/evil/oauth2/token"),
    ],
    ids=lambda text: text.strip("/"),
)
def test_a_header_never_says_where_a_request_came_in(live_server: Server, name: str, value: str) -> None:
    tenant = live_server.new_tenant()
    path = f"/.well-known/oauth-authorization-server/t/{tenant.name}/oauth2/token"

    with live_server.http() as http:
        reply = http.get(path, headers={name: value})

    assert reply.status_code == 200
    assert reply.json()["issuer"] == tenant.issuer
    assert "evil" not in reply.text
    assert "Strict-Transport-Security" not in reply.headers


@pytest.mark.requirement("HYG-08")
def test_contradicting_headers_of_proxies_are_not_even_read(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"}

    reply = client.post("introspect", headers=headers, token=client.access_token())

    assert reply.json()["active"] is True
