"""OpenID Connect Core section 5.3: userinfo, for active access tokens with the scope openid and no others."""

from collections.abc import Callable

import httpx
import pytest

from rescind import Subject
from rescind.domain import clock
from rescind.domain.registry import tenants
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.revocation import revoke
from tests.servers import Client, Tenant

NOW = 1_800_000_000
APP = "https://app.example"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may ask who the subject is, and whose pages are at an origin of their own."""
    return tenant.new_client(scope="openid read", allowed_origins=[APP])


def ask(tenant: Tenant, token: str | None, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask who the subject of a token is, on a new connection."""
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    with tenant.server.http() as http:
        return http.request(method, f"{tenant.path}/userinfo", headers={**shown, **headers})


def openid_token(client: Client) -> str:
    """Issue an access token about alice."""
    return client.issue("alice", ("openid",)).access_token


@pytest.mark.requirement("OID-03")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_s5_3_the_subject_is_the_one_of_the_token(client: Client, method: str) -> None:
    reply = ask(client.tenant, openid_token(client), method)

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.json() == {"sub": "alice"}


@pytest.mark.requirement("OID-03")
def test_s5_3_1_a_form_in_the_body_is_not_looked_at(client: Client) -> None:
    headers = {"Authorization": f"Bearer {openid_token(client)}"}

    with client.tenant.server.http() as http:
        reply = http.post(f"{client.tenant.path}/userinfo", data={"schema": "openid"}, headers=headers)

    assert reply.json() == {"sub": "alice"}


def revoked(client: Client) -> str:
    token = openid_token(client)
    client.revoke(token)
    return token


def of_a_revoked_subject(client: Client) -> str:
    token = openid_token(client)
    tenant = client.tenant
    revoke(tenant.server.authority, Subject(tenant.name, "alice"), Cause("test", "operator:test"))
    return token


def expired(client: Client) -> str:
    clock.set(NOW)
    token = openid_token(client)
    clock.set(NOW + 600)
    return token


def of_another_tenant(client: Client) -> str:
    return openid_token(client.tenant.server.new_tenant().new_client(scope="openid"))


def altered(client: Client) -> str:
    return openid_token(client)[:-1]


DEAD: dict[str, Callable[[Client], str]] = {
    "revoked": revoked,
    "of a revoked subject": of_a_revoked_subject,
    "expired": expired,
    "unknown": lambda client: "unknown",
    "altered": altered,
    "a refresh token": lambda client: str(client.issue("alice", ("openid",)).refresh_token),
    "of another tenant": of_another_tenant,
}


@pytest.mark.requirement("OID-04")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", DEAD)
def test_rfc6750_s3_1_a_token_that_is_not_active_is_refused(client: Client, kind: str, method: str) -> None:
    token = DEAD[kind](client)

    reply = ask(client.tenant, token, method)

    assert reply.status_code == 401
    assert reply.json()["error"] == "invalid_token"
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="rescind", error="invalid_token"')


@pytest.mark.requirement("OID-04")
@pytest.mark.parametrize("authorization", [None, "Basic YTpi"], ids=["nothing", "another scheme"])
def test_rfc6750_s3_without_a_token_the_challenge_has_no_error(
    client: Client, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    reply = ask(client.tenant, None, **headers)

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="rescind"'


@pytest.mark.requirement("OID-04")
def test_rfc6750_s3_1_without_the_scope_openid_it_is_forbidden(client: Client) -> None:
    token = client.issue("alice", ("read",)).access_token

    reply = ask(client.tenant, token)

    assert reply.status_code == 403
    assert reply.json()["error"] == "insufficient_scope"
    assert 'error="insufficient_scope"' in reply.headers["WWW-Authenticate"]
    assert 'scope="openid"' in reply.headers["WWW-Authenticate"]


@pytest.mark.requirement("OID-04")
def test_s5_3_a_client_that_acts_for_itself_is_nobody(client: Client) -> None:
    token = client.access_token(scope="openid")

    reply = ask(client.tenant, token)

    assert reply.status_code == 403
    assert "sub" not in reply.json()


@pytest.mark.requirement("OID-05")
@pytest.mark.parametrize("with_header", [False, True], ids=["alone", "beside the header"])
def test_rfc6750_s2_3_a_token_in_the_url_is_refused(client: Client, with_header: bool) -> None:
    token = openid_token(client)
    headers = {"Authorization": f"Bearer {token}"} if with_header else {}

    with client.tenant.server.http() as http:
        reply = http.get(f"{client.tenant.path}/userinfo", params={"access_token": token}, headers=headers)

    assert reply.status_code == 400
    assert reply.json()["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_s5_3_any_other_method_is_refused(client: Client, method: str) -> None:
    reply = ask(client.tenant, openid_token(client), method)

    assert reply.status_code == 405
    assert reply.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.requirement("TEN-10")
def test_a_tenant_that_is_disabled_is_not_found(client: Client) -> None:
    token = openid_token(client)
    tenants.disable(client.tenant.server.authority, client.tenant.name, actor="operator:test")

    reply = ask(client.tenant, token)

    assert reply.status_code == 404


@pytest.mark.requirement("COR-03")
@pytest.mark.parametrize(("token", "status"), [("good", 200), ("dead", 401)])
def test_a_page_of_a_client_may_read_the_answer_and_the_error(
    client: Client, token: str, status: int
) -> None:
    shown = {"good": openid_token(client), "dead": "unknown"}[token]

    reply = ask(client.tenant, shown, Origin=APP)

    assert reply.status_code == status
    assert reply.headers["Access-Control-Allow-Origin"] == APP
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.requirement("COR-01")
def test_a_preflight_admits_both_methods_with_the_header(client: Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    reply = ask(client.tenant, None, "OPTIONS", Origin=APP, **asked)

    assert reply.status_code == 204
    assert reply.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]


@pytest.mark.requirement("COR-02")
def test_no_other_page_may_read_the_answer(client: Client) -> None:
    reply = ask(client.tenant, openid_token(client), Origin="https://other.example")

    assert "Access-Control-Allow-Origin" not in reply.headers
