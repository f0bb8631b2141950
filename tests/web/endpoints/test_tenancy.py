"""Tenants never meet: a wrong tenant looks exactly like an unknown token, client or address."""

import http.client

import httpx
import pytest

from rescind.domain import secrets
from rescind.domain.registry import tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.revocation import revoke
from tests.patience import LONG_SECONDS
from tests.servers import Client, Server, Tenant, error_of

PATHS = (
    "/t/{}/oauth2/revoke",
    "/t/{}/oauth2/introspect",
    "/t/{}/oauth2/token",
    "/t/{}/oauth2/token/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/t/{}/oauth2/token",
    "/.well-known/openid-configuration/t/{}/oauth2/token",
)
every_path = pytest.mark.parametrize(
    "path", PATHS, ids=["revoke", "introspect", "token", "discovery", "metadata", "in front"]
)


@pytest.fixture
def stranger(other_tenant: Tenant) -> Client:
    """Give a client of another tenant."""
    return other_tenant.new_client()


@pytest.fixture
def twins(tenant: Tenant, other_tenant: Tenant) -> tuple[Client, Client]:
    """Give clients of two tenants that have the same id and secret."""
    secret = secrets.new_client_secret()
    return (
        tenant.new_client(client_id="twin", secret=secret),
        other_tenant.new_client(client_id="twin", secret=secret),
    )


@pytest.mark.requirement("TEN-01")
def test_a_token_of_another_tenant_is_unknown_to_revoke(client: Client, stranger: Client) -> None:
    token = client.access_token()

    foreign, unknown = stranger.revoke(token), stranger.revoke(secrets.new_access_token())

    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content) == (200, b"")
    assert client.is_active(token)


@pytest.mark.requirement("TEN-01")
def test_a_refresh_token_of_another_tenant_is_unknown_to_revoke(client: Client, stranger: Client) -> None:
    token = str(client.issue().refresh_token)

    reply = stranger.revoke(token)

    assert reply.status_code == 200
    assert client.is_active(token)
    assert client.refresh(token).status_code == 200


@pytest.mark.requirement("TEN-02")
@pytest.mark.parametrize("endpoint", ["revoke", "introspect", "token"])
def test_a_client_of_another_tenant_is_an_unknown_client(
    client: Client, other_tenant: Tenant, endpoint: str
) -> None:
    abroad = Client(other_tenant, client.client_id, client.secret)
    nobody = Client(other_tenant, "nobody", client.secret)
    token = client.access_token()

    reply, expected = abroad.post(endpoint, token=token), nobody.post(endpoint, token=token)

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"
    assert reply.content == expected.content
    assert client.is_active(token)


@pytest.mark.requirement("TEN-02")
def test_a_public_client_of_another_tenant_is_an_unknown_client(
    public_client: Client, client: Client, other_tenant: Tenant
) -> None:
    token = client.access_token()

    reply = Client(other_tenant, public_client.client_id, None).revoke(token)

    assert reply.status_code == 401
    assert client.is_active(token)


@pytest.mark.requirement("TEN-03")
def test_the_same_client_in_two_tenants_revokes_its_own_alone(twins: tuple[Client, Client]) -> None:
    here, there = twins
    token, other_token = here.access_token(), there.access_token()

    replies = [there.revoke(token), there.revoke(other_token)]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert here.is_active(token)
    assert not there.is_active(other_token)


@pytest.mark.requirement("TEN-03")
@pytest.mark.requirement("TEN-04")
def test_the_same_client_in_two_tenants_sees_its_own_alone(twins: tuple[Client, Client]) -> None:
    here, there = twins

    token = here.access_token()

    assert here.introspect(token).json()["iss"] == here.tenant.issuer
    assert there.introspect(token).content == b'{"active": false}'


@pytest.mark.requirement("TEN-04")
def test_a_resource_server_sees_nothing_of_another_tenant(client: Client, other_tenant: Tenant) -> None:
    observer = other_tenant.new_client(is_resource_server=True)

    reply = observer.introspect(client.access_token())

    assert reply.content == b'{"active": false}'


@pytest.mark.requirement("TEN-05")
def test_a_refresh_token_is_unknown_to_another_tenant(twins: tuple[Client, Client]) -> None:
    here, there = twins
    token = str(here.issue().refresh_token)

    reply = there.refresh(token)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_grant"
    assert here.refresh(token).status_code == 200


@pytest.mark.requirement("TEN-05")
@pytest.mark.settings(refresh_grace_seconds=0)
def test_a_replaced_refresh_token_ends_nothing_from_another_tenant(twins: tuple[Client, Client]) -> None:
    here, there = twins
    old = str(here.issue().refresh_token)
    new = here.refresh(old).json()

    reply = there.refresh(old)

    assert error_of(reply) == "invalid_grant"
    assert here.is_active(new["access_token"])
    assert here.is_active(new["refresh_token"])


def request(server: Server, method: str, url: str) -> httpx.Response:
    with server.http() as http:
        return http.request(method, url, headers={"Origin": "https://app.example"})


@pytest.mark.requirement("TEN-06")
@every_path
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_an_unknown_tenant_is_not_found_whatever_is_asked(server: Server, path: str, method: str) -> None:
    reply = request(server, method, path.format("nobody"))

    assert reply.status_code == 404
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert "Allow" not in reply.headers


@pytest.mark.requirement("TEN-10")
@every_path
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_disabled_tenant_looks_like_an_unknown_one(
    server: Server, tenant: Tenant, path: str, method: str
) -> None:
    tenants.disable(server.authority, tenant.name, actor="operator:test")

    reply = request(server, method, path.format(tenant.name))

    assert reply.status_code == 404
    assert reply.content == request(server, method, path.format("nobody")).content


@pytest.mark.requirement("TEN-10")
def test_a_tenant_that_is_opened_again_has_no_token_of_before(server: Server, client: Client) -> None:
    old = client.issue()
    tenants.disable(server.authority, client.tenant.name, actor="operator:test")

    tenants.enable(server.authority, client.tenant.name)

    assert not client.is_active(old.access_token)
    assert error_of(client.refresh(str(old.refresh_token))) == "invalid_grant"
    assert client.is_active(client.access_token())


@pytest.mark.requirement("TEN-10")
def test_revoking_a_tenant_ends_all_of_it_and_nothing_else(
    server: Server, client: Client, public_client: Client, resource_server: Client, stranger: Client
) -> None:
    tokens = [client.access_token(), client.issue().access_token, public_client.issue().access_token]
    other_token = stranger.access_token()

    revoke(server.authority, selectors.Tenant(client.tenant.name), Cause(OPERATOR, "operator:test"))

    assert not any(resource_server.is_active(token) for token in tokens)
    assert stranger.is_active(other_token)
    assert client.is_active(client.access_token())


def status_of(server: Server, path: str) -> int:
    """Ask for a path as it is spelled; an ordinary HTTP client would tidy it up first."""
    connection = http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=LONG_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.requirement("TEN-07")
@pytest.mark.parametrize(
    "segment",
    [
        "{upper}",
        "{0}%20",
        "%20{0}",
        "{0}%00",
        "{0}%0a",
        "{0}/",
        "{0}//",
        "/{0}",
        "./{0}",
        "{0}/.",
        "x/../{0}",
        "%2e%2e/t/{0}",
        "x%2f..%2f{0}",
        "x%2F{0}",
        "{0};x",
        "{0}%3fx",
        "{0}%ff",
        "{0}%c0%af",
        "%EF%BB%BF{0}",
        "{0}" + "a" * 4000,
        "*",
        "%25",
        "",
    ],
    ids=lambda segment: segment[:20],
)
def test_no_spelling_of_a_tenant_leads_to_another(live_server: Server, segment: str) -> None:
    name = live_server.new_tenant().name
    spelled = segment.format(name, upper=name.upper())

    status = status_of(live_server, f"/.well-known/oauth-authorization-server/t/{spelled}/oauth2/token")

    assert status in {400, 404}
    assert status_of(live_server, f"/.well-known/oauth-authorization-server/t/{name}/oauth2/token") == 200


@pytest.mark.requirement("TEN-07")
def test_names_that_differ_in_case_are_different_tenants(server: Server, tenant: Tenant) -> None:
    shouting = server.new_tenant(tenant.name.upper())
    client, stranger = tenant.new_client(), shouting.new_client()
    token = client.access_token()

    answer = stranger.introspect(token)

    assert answer.content == b'{"active": false}'
    assert client.is_active(token)


@pytest.mark.requirement("TEN-06")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_whatever_is_asked_of_a_tenant_that_is_not_there_is_not_found(server: Server, method: str) -> None:
    assert server.app is not None
    paths = {rule.rule for rule in server.app.url_map.iter_rules() if "<tenant>" in rule.rule}
    with server.http() as http:
        replies = {path: http.request(method, path.replace("<tenant>", "nobody")) for path in paths}

    assert len(replies) > 15
    assert {path: reply.status_code for path, reply in replies.items()} == dict.fromkeys(paths, 404)
    assert not [path for path, reply in replies.items() if "Allow" in reply.headers]
