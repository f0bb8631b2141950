"""RFC 9728: a host's view says where its tokens come from, and takes those that are meant for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from rescind.domain.tokens.issuing import issue
from rescind.errors import SettingsError
from tests import stores
from tests.embedding.hosts import Base, Host, configured, database, disposed
from tests.servers import Client, Tenant, error_of

ORIGIN = "http://127.0.0.1:8000"
MCP = f"{ORIGIN}/api/mcp"
WELL_KNOWN = "/.well-known/oauth-protected-resource"
CHALLENGE = f'resource_metadata="{ORIGIN}{WELL_KNOWN}/api/mcp"'


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Give a store of each test alone, as its tenant has a name of its own choice."""
    return stores.new_migrated_file(tmp_path / "rescind.sqlite3")


@pytest.fixture
def host(store_url: str, tmp_path: Path) -> Iterator[Host]:
    """Give a host whose views are guarded before anything is mounted on it, as in a factory."""
    rescind = Rescind(tenant="bifrost")

    def show(tenant: str = "") -> dict[str, object]:
        return {"audience": rescind.current_token.audience}

    app = configured(tmp_path, database(store_url, tmp_path))
    guards = {
        "/api/mcp": rescind.require_token("notes", resource=MCP),
        "/api/mcp/write": rescind.require_token("notes write", resource=MCP),
        "/t/<tenant>/notes": rescind.require_token("notes", resource=MCP),
        "/root": rescind.require_token(resource=f"{ORIGIN}/"),
    }
    for rule, guard in guards.items():
        app.add_url_rule(rule, rule, guard(show), methods=["GET", "POST"])
    app.add_url_rule(f"{WELL_KNOWN}/own", "own", lambda: "the host's own")
    db = SQLAlchemy(app, metadata=Base.metadata)
    rescind.init_app(app, db)
    yield Host(app, db, app.extensions["rescind"])
    disposed(app, db, app.extensions["rescind"])


@pytest.fixture
def tenant(host: Host) -> Tenant:
    """Give the tenant of the host's views."""
    return host.server.new_tenant("bifrost")


def ask(
    host: Host, path: str, token: str | None = None, method: str = "GET", **headers: str
) -> httpx.Response:
    """Ask the host for something, on a new connection."""
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    with host.server.http() as http:
        return http.request(method, path, headers={**shown, **headers})


def token_for(client: Client, *audience: str, scope: tuple[str, ...] = ("notes",)) -> str:
    """Issue a token about a subject that is meant for these resources."""
    given = replace(client.authorization(scope=scope), audience=audience)
    (issued,) = issue(client.tenant.server.authority, given)
    return issued.access_token


@pytest.mark.requirement("PRM-01")
@pytest.mark.parametrize("path", ["/api/mcp", "/api/mcp/"])
def test_s3_the_document_names_the_resource_and_our_issuer_exactly(
    host: Host, tenant: Tenant, path: str
) -> None:
    reply = ask(host, f"{WELL_KNOWN}{path}", Origin="https://inspector.example")

    assert reply.status_code == 200
    assert reply.json() == {
        "resource": MCP,
        "authorization_servers": [tenant.issuer],
        "scopes_supported": ["notes", "write"],
        "bearer_methods_supported": ["header"],
    }
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.requirement("PRM-01")
def test_s3_a_resource_without_a_path_is_described_at_the_well_known_address_itself(host: Host) -> None:
    reply = ask(host, WELL_KNOWN)

    assert reply.json()["resource"] == f"{ORIGIN}/"
    assert "scopes_supported" not in reply.json()
    assert (
        'resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource"'
        in (ask(host, "/root").headers["WWW-Authenticate"])
    )


def test_s3_1_the_document_is_there_for_get_head_and_a_browsers_preflight(host: Host) -> None:
    address = f"{WELL_KNOWN}/api/mcp"
    asked = {
        "Origin": "https://inspector.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "mcp-protocol-version",
    }

    preflight = ask(host, address, method="OPTIONS", **asked)
    head, post = ask(host, address, method="HEAD"), ask(host, address, method="POST")

    assert (preflight.status_code, head.status_code, post.status_code) == (204, 200, 405)
    assert "mcp-protocol-version" in preflight.headers["Access-Control-Allow-Headers"]
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert post.headers["Allow"] == "GET, HEAD"


def test_nothing_is_described_elsewhere_and_the_hosts_own_document_goes_first(host: Host) -> None:
    assert ask(host, f"{WELL_KNOWN}/api").status_code == 404
    assert ask(host, f"{WELL_KNOWN}/api/mcp/write").status_code == 404
    assert ask(host, f"{WELL_KNOWN}/own").text == "the host's own"


@pytest.mark.requirement("PRM-02")
def test_s5_1_without_a_token_the_challenge_leads_to_the_document_and_says_the_scope(host: Host) -> None:
    reply = ask(host, "/api/mcp")

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == f'Bearer realm="rescind", {CHALLENGE}, scope="notes"'


@pytest.mark.requirement("PRM-02")
@pytest.mark.parametrize(
    "audience",
    [(), (f"{ORIGIN}/",), (f"{MCP}/write",), ("https://mail.example",)],
    ids=["for-nothing", "for-the-origin", "for-a-part", "for-another"],
)
def test_s5_1_a_token_that_is_not_meant_for_the_resource_is_refused(
    host: Host, tenant: Tenant, audience: tuple[str, ...]
) -> None:
    client = tenant.new_client(scope="notes write")

    reply = ask(host, "/api/mcp", token_for(client, *audience))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_token")
    assert CHALLENGE in reply.headers["WWW-Authenticate"]


@pytest.mark.requirement("PRM-02")
def test_s5_1_a_token_that_is_meant_for_it_is_admitted_and_told_what_scope_it_lacks(
    host: Host, tenant: Tenant
) -> None:
    client = tenant.new_client(scope="notes write")
    token = token_for(client, "https://mail.example", f"{MCP}/")

    admitted, refused = ask(host, "/api/mcp", token), ask(host, "/api/mcp/write", token)
    client.revoke(token)

    assert admitted.json() == {"audience": ["https://mail.example", f"{MCP}/"]}
    assert (refused.status_code, error_of(refused)) == (403, "insufficient_scope")
    assert refused.headers["WWW-Authenticate"].endswith(f', {CHALLENGE}, scope="notes write"')
    assert ask(host, "/api/mcp", token).status_code == 401


def test_a_view_that_names_another_tenant_takes_no_token_of_the_resources(host: Host, tenant: Tenant) -> None:
    ours = token_for(tenant.new_client(scope="notes"), MCP)
    theirs = token_for(host.server.new_tenant("asgard").new_client(scope="notes"), MCP)

    admitted, *refused = (
        ask(host, f"/t/{name}/notes", token)
        for name, token in (("bifrost", ours), ("asgard", ours), ("asgard", theirs), ("bifrost", theirs))
    )

    assert admitted.status_code == 200
    assert [(each.status_code, error_of(each)) for each in refused] == [(401, "invalid_token")] * 3


@pytest.mark.parametrize(
    ("tenant_name", "resource", "says"),
    [
        (None, MCP, "needs a tenant"),
        ("bifrost", "/api/mcp", "is none"),
        ("bifrost", f"{MCP}?a=b", "without a query"),
        ("bifrost", "urn:example:notes", "http or https URL"),
        ("asgard", MCP, "another resource or tenant"),
    ],
    ids=["no-tenant", "relative", "query", "no-url", "two-tenants"],
)
def test_a_resource_that_could_not_be_described_is_a_mistake_of_the_hosts(
    tenant_name: str | None, resource: str, says: str
) -> None:
    rescind = Rescind()
    rescind.require_token(tenant="bifrost", resource=MCP)

    with pytest.raises(SettingsError, match=says):
        rescind.require_token(tenant=tenant_name, resource=resource)
