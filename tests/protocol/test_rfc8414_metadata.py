"""RFC 8414, OAuth 2.0 Authorization Server Metadata: the document says what is so, and cannot be bent."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from rescind.domain.registry.registration import DEVICE_CODE
from tests.devices import allowed, new_device_client
from tests.protocol.authenticating import METHODS
from tests.servers import Client, Server, Tenant, error_of

WELL_KNOWN = "/.well-known/oauth-authorization-server"
both_locations = pytest.mark.parametrize(
    "location",
    [
        f"{WELL_KNOWN}/t/{{}}/oauth2/token",
        "/t/{}/oauth2/token/.well-known/openid-configuration",
        "/.well-known/openid-configuration/t/{}/oauth2/token",
    ],
    ids=["rfc8414", "openid-discovery", "in front"],
)


def get(server: Server, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.http() as http:
        return http.request(method, path, headers=spelled)


def document_of(tenant: Tenant) -> dict[str, Any]:
    reply = get(tenant.server, f"{WELL_KNOWN}/t/{tenant.name}/oauth2/token")
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


@pytest.mark.requirement("MET-01")
@pytest.mark.requirement("MET-02")
@both_locations
def test_s3_the_document_names_its_issuer(server: Server, tenant: Tenant, location: str) -> None:
    reply = get(server, location.format(tenant.name))

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json()["issuer"] == f"{server.base_url}/t/{tenant.name}/oauth2/token"


@pytest.mark.requirement("MET-01")
@pytest.mark.settings(public_url="https://auth.example.com")
def test_s3_1_an_independent_client_finds_and_accepts_it(server: Server, tenant: Tenant) -> None:
    url = get_well_known_url(tenant.issuer, external=True)

    document = get(server, url).json()

    AuthorizationServerMetadata(document).validate()
    assert url == f"https://auth.example.com{WELL_KNOWN}/t/{tenant.name}/oauth2/token"
    assert document["issuer"] == tenant.issuer


@pytest.mark.requirement("MET-01")
@pytest.mark.settings(public_url="https://example.com/auth")
def test_s3_1_a_public_url_with_a_path_is_part_of_every_address(server: Server, tenant: Tenant) -> None:
    # The proxy that adds the path takes it off again.
    url = f"https://example.com{WELL_KNOWN}/t/{tenant.name}/oauth2/token"

    document = get(server, url).json()

    assert document["issuer"] == f"https://example.com/auth/t/{tenant.name}/oauth2/token"
    assert document["revocation_endpoint"] == f"https://example.com/auth/t/{tenant.name}/oauth2/revoke"


@pytest.mark.requirement("MET-03")
def test_s2_the_endpoints_are_those_of_this_tenant(tenant: Tenant) -> None:
    base = f"{tenant.server.base_url}/t/{tenant.name}/oauth2"

    document = document_of(tenant)

    assert document["token_endpoint"] == f"{base}/token"
    assert document["revocation_endpoint"] == f"{base}/revoke"
    assert document["introspection_endpoint"] == f"{base}/introspect"
    assert document["response_types_supported"] == ["code"]


@pytest.mark.requirement("MET-03")
@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_s2_every_endpoint_is_there(client: Client, endpoint: str) -> None:
    document = document_of(client.tenant)

    with client.tenant.server.http() as http:
        reply = http.post(document[f"{endpoint}_endpoint"], data={"client_id": "nobody"})

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"


@pytest.mark.requirement("MET-04")
@pytest.mark.parametrize(
    ("endpoint", "method", "status"),
    [
        ("revocation", "none", 200),
        ("revocation", "client_secret_basic", 200),
        ("revocation", "client_secret_post", 200),
        ("revocation", "private_key_jwt", 200),
        ("introspection", "none", 401),
        ("introspection", "client_secret_basic", 200),
        ("introspection", "client_secret_post", 200),
        ("introspection", "private_key_jwt", 200),
        # An authenticated client that asks for no grant type is told so; a stranger is told 401.
        ("token", "none", 400),
        ("token", "client_secret_basic", 400),
        ("token", "client_secret_post", 400),
        ("token", "private_key_jwt", 400),
    ],
)
def test_s2_a_client_authentication_method_is_listed_if_it_works(
    tenant: Tenant, endpoint: str, method: str, status: int
) -> None:
    headers, form = METHODS[method](tenant, "unknown")
    document = document_of(tenant)

    with tenant.server.http() as http:
        reply = http.post(document[f"{endpoint}_endpoint"], data=form, headers=headers)

    assert reply.status_code == status
    assert (method in document[f"{endpoint}_endpoint_auth_methods_supported"]) == (status != 401)


@pytest.mark.requirement("MET-04")
@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_s2_no_other_client_authentication_method_is_listed(tenant: Tenant, endpoint: str) -> None:
    document = document_of(tenant)

    assert set(document[f"{endpoint}_endpoint_auth_methods_supported"]) <= set(METHODS)


@pytest.mark.requirement("MET-07")
def test_s3_2_no_member_is_empty(tenant: Tenant) -> None:
    document = document_of(tenant)

    assert [name for name, value in document.items() if value in (None, [], "")] == []


@pytest.mark.requirement("MET-08")
@both_locations
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Original-URL", "/t/evil/oauth2/token"),
        ("Forwarded", "host=evil.example;proto=gopher"),
    ],
)
def test_s3_no_header_of_a_client_changes_an_address(
    server: Server, tenant: Tenant, location: str, name: str, value: str
) -> None:
    reply = get(server, location.format(tenant.name), **{name.replace("-", "_"): value})

    assert reply.status_code == 200
    assert reply.json() == document_of(tenant)


@pytest.mark.requirement("MET-10")
@both_locations
def test_s3_an_unknown_tenant_has_no_document(server: Server, location: str) -> None:
    reply = get(server, location.format("nobody"))

    assert reply.status_code == 404
    assert "issuer" not in reply.text


@pytest.mark.requirement("MET-10")
@pytest.mark.parametrize(
    "path",
    [
        WELL_KNOWN,
        f"{WELL_KNOWN}/",
        f"{WELL_KNOWN}/t/{{0}}",
        f"{WELL_KNOWN}/t/{{0}}/oauth2/token/",
        f"{WELL_KNOWN}/{{0}}",
        f"/t/{{0}}{WELL_KNOWN}",
        f"/t/{{0}}/oauth2/token{WELL_KNOWN}",
        f"/t/{{0}}/oauth2{WELL_KNOWN}",
        f"{WELL_KNOWN}/t/{{0}}/t/{{1}}/oauth2/token",
        f"{WELL_KNOWN}/t/{{0}}/oauth2/token/t/{{1}}/oauth2/token",
    ],
)
def test_s3_1_no_other_path_has_the_document(
    server: Server, tenant: Tenant, other_tenant: Tenant, path: str
) -> None:
    reply = get(server, path.format(tenant.name, other_tenant.name))

    assert reply.status_code == 404
    assert "issuer" not in reply.text


@pytest.mark.requirement("MET-11")
@both_locations
def test_s3_a_page_of_a_client_may_read_it_with_credentials(
    server: Server, tenant: Tenant, location: str
) -> None:
    tenant.new_client(is_public=True, allowed_origins=["https://app.example"])

    reply = get(server, location.format(tenant.name), Origin="https://app.example")

    assert reply.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.requirement("MET-11")
@both_locations
def test_s3_every_other_page_may_read_it_without_credentials(
    server: Server, tenant: Tenant, location: str
) -> None:
    reply = get(server, location.format(tenant.name), Origin="https://other.example")

    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.requirement("MET-11")
@both_locations
def test_s3_head_answers_as_get_without_the_document(server: Server, tenant: Tenant, location: str) -> None:
    reply = get(server, location.format(tenant.name), method="HEAD")

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.content == b""


@pytest.mark.requirement("MET-11")
def test_s3_it_may_be_kept_for_a_short_time(server: Server, tenant: Tenant) -> None:
    reply = get(server, f"{WELL_KNOWN}/t/{tenant.name}/oauth2/token")

    directives = reply.headers["Cache-Control"].split(", ")
    assert directives[0] == "public"
    assert 0 < int(directives[1].removeprefix("max-age=")) <= 3600


@pytest.mark.requirement("MET-11")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_s3_the_document_is_only_read(server: Server, tenant: Tenant, method: str) -> None:
    reply = get(server, f"{WELL_KNOWN}/t/{tenant.name}/oauth2/token", method=method)

    assert reply.status_code == 405
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD"}


GRANTS: dict[str, Callable[[Client], httpx.Response]] = {
    "authorization_code": lambda client: client.exchange(client.mint_code()),
    "client_credentials": lambda client: client.post("token", grant_type="client_credentials"),
    "refresh_token": lambda client: client.refresh(str(client.issue().refresh_token)),
    DEVICE_CODE: lambda client: allowed(new_device_client(client.tenant)),
}


@pytest.mark.requirement("MET-13")
@pytest.mark.parametrize("grant_type", GRANTS)
def test_s2_every_grant_type_that_is_listed_works(client: Client, grant_type: str) -> None:
    listed = document_of(client.tenant)["grant_types_supported"]

    reply = GRANTS[grant_type](client)

    assert reply.status_code == 200
    assert grant_type in listed


@pytest.mark.requirement("MET-13")
def test_s2_no_other_grant_type_is_listed(tenant: Tenant) -> None:
    listed = document_of(tenant)["grant_types_supported"]

    assert sorted(listed) == sorted(GRANTS)
