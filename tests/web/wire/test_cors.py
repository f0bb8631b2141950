"""The Fetch standard, CORS: which pages may read an answer, and that no other ever may."""

from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import clients
from tests.servers import FORM, Client, Tenant

ORIGIN = "https://app.example.com"
PORTED = "http://localhost:8080"
three_endpoints = pytest.mark.parametrize("endpoint", ["revoke", "token"])


@pytest.fixture
def browser_client(tenant: Tenant) -> Client:
    """Give a public client whose pages have two origins."""
    return tenant.new_client(is_public=True, allowed_origins=[ORIGIN, PORTED])


def send(
    client: Client, endpoint: str, origin: str, *, method: str = "POST", body: str = "", **headers: str
) -> httpx.Response:
    given = {
        "Origin": origin,
        "Content-Type": FORM,
        **{key.replace("_", "-"): v for key, v in headers.items()},
    }
    with client.tenant.server.http() as http:
        return http.request(method, f"{client.tenant.path}/{endpoint}", content=body, headers=given)


def preflight(client: Client, endpoint: str, origin: str, method: str = "POST") -> httpx.Response:
    return send(
        client,
        endpoint,
        origin,
        method="OPTIONS",
        Access_Control_Request_Method=method,
        Access_Control_Request_Headers="authorization,content-type",
    )


def words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


@pytest.mark.requirement("COR-01")
@three_endpoints
@pytest.mark.parametrize("origin", [ORIGIN, PORTED])
def test_a_preflight_from_a_listed_origin_is_allowed(
    browser_client: Client, endpoint: str, origin: str
) -> None:
    reply = preflight(browser_client, endpoint, origin)

    assert reply.status_code in {200, 204}
    assert reply.content == b""
    assert reply.headers["Access-Control-Allow-Origin"] == origin
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "post" in words(reply.headers["Access-Control-Allow-Methods"])
    assert {"authorization", "content-type"} <= words(reply.headers["Access-Control-Allow-Headers"])
    assert "origin" in words(reply.headers["Vary"])


@pytest.mark.requirement("COR-02")
@pytest.mark.parametrize("ask", [preflight, send], ids=["preflight", "request"])
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "https://app.example.com.evil.example",
        "https://app.example.co",
        "https://pp.example.com",
        "https://evil-app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        "http://app.example.com",
        "http://localhost",
        "http://localhost:808",
        "http://localhost:80801",
        "https://app.example.com/",
        "https://app.example.com/x",
        "https://user@app.example.com",
        "https://APP.example.com",
        "HTTPS://app.example.com",
        # Each of these means more than itself to a search in SQL.
        "https://app_example.com",
        "https://app.%.com",
        "%",
        "_________________________",
        "https://app.example.com http://localhost:8080",
        "app.example.com",
        "https://",
        "/",
        # A client that lists nothing has a list that is empty too.
        "",
        " ",
    ],
)
def test_no_other_origin_is_allowed(
    browser_client: Client, origin: str, ask: Callable[[Client, str, str], httpx.Response]
) -> None:
    browser_client.tenant.new_client()

    reply = ask(browser_client, "revoke", origin)

    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.requirement("COR-01")
@three_endpoints
def test_a_page_of_a_listed_origin_may_send_what_browsers_and_libraries_add(
    browser_client: Client, endpoint: str
) -> None:
    reply = send(
        browser_client,
        endpoint,
        ORIGIN,
        method="OPTIONS",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type,MCP-Protocol-Version, traceparent,x\x7fy,a b",
    )

    allowed = words(reply.headers["Access-Control-Allow-Headers"])
    assert allowed == {
        *("authorization", "content-type", "x-request-id"),
        *("mcp-protocol-version", "traceparent"),
    }
    # Else a cache would give one page what another has asked for.
    assert "access-control-request-headers" in words(", ".join(reply.headers.get_list("Vary")))


@pytest.mark.requirement("COR-03")
@three_endpoints
def test_a_page_of_a_listed_origin_reads_what_tells_it_how_to_go_on(
    browser_client: Client, endpoint: str
) -> None:
    replies = [send(browser_client, endpoint, origin) for origin in (ORIGIN, "https://evil.example")]

    exposed = words(replies[0].headers["Access-Control-Expose-Headers"])
    assert exposed == {"www-authenticate", "x-request-id", "retry-after"}
    assert "Access-Control-Expose-Headers" not in replies[1].headers


@pytest.mark.requirement("COR-02")
@three_endpoints
def test_a_preflight_that_is_not_allowed_is_a_wrong_method(browser_client: Client, endpoint: str) -> None:
    reply = preflight(browser_client, endpoint, "https://evil.example")

    assert reply.status_code == 405
    assert "Access-Control-Allow-Methods" not in reply.headers


@pytest.mark.requirement("COR-02")
@pytest.mark.requirement("COR-04")
def test_the_origin_of_a_deleted_client_is_not_allowed(browser_client: Client) -> None:
    tenant = browser_client.tenant
    clients.delete(tenant.server.authority, tenant.record, browser_client.client_id, actor="operator:test")

    reply = preflight(browser_client, "revoke", ORIGIN)

    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.requirement("COR-03")
@pytest.mark.requirement("COR-04")
@three_endpoints
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("client_id={id}", {}, 400),
        ("client_id=nobody", {}, 401),
        ("token=x", {"Authorization": "Basic nonsense"}, 401),
        ("client_id={id}", {"Content-Type": "text/plain"}, 400),
        ("x=" + "x" * 70_000, {}, 413),
    ],
    ids=["bad-request", "unknown-client", "bad-basic", "no-form", "too-large"],
)
def test_a_page_of_a_listed_origin_may_read_errors_too(
    browser_client: Client, endpoint: str, body: str, headers: dict[str, str], status: int
) -> None:
    content = body.format(id=browser_client.client_id)

    reply = send(browser_client, endpoint, ORIGIN, body=content, **headers)

    assert reply.status_code == status
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "origin" in words(reply.headers["Vary"])


@pytest.mark.requirement("COR-03")
@pytest.mark.requirement("COR-04")
def test_a_page_revokes_its_token_and_may_read_the_answer(
    browser_client: Client, resource_server: Client
) -> None:
    token = browser_client.issue().access_token

    reply = browser_client.post("revoke", token=token, headers={"Origin": ORIGIN})

    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "origin" in words(reply.headers["Vary"])
    assert not resource_server.is_active(token)


@pytest.mark.requirement("COR-03")
def test_a_page_refreshes_and_may_read_the_answer(browser_client: Client) -> None:
    token = str(browser_client.issue().refresh_token)

    reply = browser_client.post(
        "token", grant_type="refresh_token", refresh_token=token, headers={"Origin": ORIGIN}
    )

    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.requirement("COR-04")
@pytest.mark.parametrize("ask", [preflight, send], ids=["preflight", "request"])
def test_introspection_is_not_for_pages(
    browser_client: Client, ask: Callable[[Client, str, str], httpx.Response]
) -> None:
    reply = ask(browser_client, "introspect", ORIGIN)

    assert reply.status_code in {401, 405}
    assert not [name for name in reply.headers if name.startswith("access-control-")]


@pytest.mark.requirement("COR-04")
@three_endpoints
def test_without_an_origin_nothing_is_allowed_but_caches_are_told(
    browser_client: Client, endpoint: str
) -> None:
    reply = browser_client.post(endpoint, token="unknown")

    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "origin" in words(reply.headers["Vary"])


@pytest.mark.requirement("COR-05")
@three_endpoints
@pytest.mark.parametrize("ask", [preflight, send], ids=["preflight", "request"])
def test_an_origin_is_allowed_by_its_own_tenant_alone(
    browser_client: Client,
    other_tenant: Tenant,
    endpoint: str,
    ask: Callable[[Client, str, str], httpx.Response],
) -> None:
    stranger = other_tenant.new_client(is_public=True, allowed_origins=["https://other.example"])

    reply = ask(stranger, endpoint, ORIGIN)

    assert "Access-Control-Allow-Origin" not in reply.headers
