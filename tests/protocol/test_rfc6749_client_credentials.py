"""RFC 6749 sections 3.2, 4.4 and 5: the token endpoint, and the grant by which a client acts for itself."""

import re

import httpx
import pytest

from tests.protocol.raw_requests import request
from tests.servers import FORM, Client, Server, Tenant, error_of

FORM_OF_THE_GRANT = "grant_type=client_credentials"


def send(
    client: Client, body: str, *, query: str = "", content_type: str = FORM, method: str = "POST"
) -> httpx.Response:
    """Send what no form library would make, with the client's own credentials."""
    return request(
        client.tenant,
        "token",
        body,
        method=method,
        query=query,
        content_type=content_type,
        authorization=client.basic,
    )


def ask(client: Client, scope: str = "") -> httpx.Response:
    """Ask for a token with a scope, or, without one, for whatever the client may have."""
    return client.post("token", grant_type="client_credentials", scope=scope)


@pytest.mark.requirement("TOK-01")
@pytest.mark.requirement("TOK-03")
@pytest.mark.requirement("TOK-08")
def test_s4_4_3_an_access_token_and_no_refresh_token(client: Client) -> None:
    reply = ask(client, scope="read")

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json() == {
        "access_token": reply.json()["access_token"],
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "read",
    }
    assert client.is_active(reply.json()["access_token"])


@pytest.mark.requirement("TOK-01")
@pytest.mark.settings(access_token_seconds=60)
def test_s5_1_the_lifetime_is_the_one_that_is_set(client: Client) -> None:
    reply = ask(client)

    assert reply.json()["expires_in"] == 60


@pytest.mark.requirement("TOK-02")
@pytest.mark.parametrize("form", [FORM_OF_THE_GRANT, "grant_type=unknown"], ids=["token", "error"])
def test_s5_1_no_answer_may_be_kept(client: Client, form: str) -> None:
    reply = send(client, form)

    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"


@pytest.mark.requirement("TOK-04")
def test_s10_10_tokens_are_short_opaque_and_never_alike(client: Client) -> None:
    tokens = [client.access_token() for _ in range(20)]

    assert len(set(tokens)) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{42,254}", token) for token in tokens)
    assert not any(token.startswith("eyJ") or token.count(".") == 2 for token in tokens)


@pytest.mark.requirement("TOK-05")
@pytest.mark.parametrize("form", ["", "grant_type=", "scope=read"], ids=["no-body", "empty", "missing"])
def test_s5_2_the_grant_type_is_asked_for(client: Client, form: str) -> None:
    reply = send(client, form)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("TOK-05")
@pytest.mark.parametrize(
    "grant_type",
    ["password", "implicit", "urn:ietf:params:oauth:grant-type:token-exchange", "CLIENT_CREDENTIALS", '"<\\'],
    ids=["password", "implicit", "token-exchange", "capitals", "forbidden-characters"],
)
def test_s5_2_a_grant_type_that_is_not_known(client: Client, grant_type: str) -> None:
    reply = client.post("token", grant_type=grant_type, username="alice", password="secret")

    assert reply.status_code == 400
    assert error_of(reply) == "unsupported_grant_type"
    assert grant_type not in reply.json()["error_description"]


@pytest.mark.requirement("TOK-06")
def test_s5_2_a_client_without_this_grant_type(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=["refresh_token"])

    reply = ask(client)

    assert reply.status_code == 400
    assert error_of(reply) == "unauthorized_client"


@pytest.mark.requirement("TOK-06")
def test_s5_2_a_client_without_refresh_keeps_its_token(tenant: Tenant) -> None:
    client = tenant.new_client(grant_types=["client_credentials"])
    token = str(client.issue().refresh_token)

    reply = client.refresh(token)

    assert reply.status_code == 400
    assert error_of(reply) == "unauthorized_client"
    assert client.is_active(token)


@pytest.mark.requirement("TOK-07")
@pytest.mark.parametrize(
    "scope",
    ["admin", "read admin", "READ", 'read "', "read\\", "read\nwrite", "read\twrite", "ré"],
    ids=[
        "unknown",
        "one-too-much",
        "capitals",
        "quote",
        "backslash",
        "newline",
        "tab",
        "not-ascii",
    ],
)
def test_s3_3_a_scope_that_is_too_much_or_malformed(client: Client, scope: str) -> None:
    reply = ask(client, scope=scope)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_scope"
    assert "access_token" not in reply.json()


@pytest.mark.requirement("TOK-07")
@pytest.mark.parametrize("scope", ["read  write", " read write", "read write ", "  read   write  "])
def test_s3_3_a_scope_with_more_spaces_is_read_as_its_words(client: Client, scope: str) -> None:
    reply = ask(client, scope=scope)

    assert reply.json()["scope"] == "read write"


@pytest.mark.requirement("TOK-08")
@pytest.mark.parametrize("form", ["", "&scope=", "&scope=+"], ids=["absent", "empty", "space"])
def test_s3_3_without_a_scope_the_client_gets_its_own(client: Client, form: str) -> None:
    reply = send(client, FORM_OF_THE_GRANT + form)

    assert reply.json()["scope"] == "read write"
    assert client.introspect(reply.json()["access_token"]).json()["scope"] == "read write"


@pytest.mark.requirement("TOK-08")
def test_s3_3_the_token_has_the_scope_that_was_asked_for(client: Client) -> None:
    reply = ask(client, scope="write")

    assert reply.json()["scope"] == "write"
    assert client.introspect(reply.json()["access_token"]).json()["scope"] == "write"


@pytest.mark.requirement("TOK-08")
def test_s5_1_a_client_without_scopes_gets_a_token_without_one(tenant: Tenant) -> None:
    reply = ask(tenant.new_client())

    assert reply.status_code == 200
    assert "scope" not in reply.json()


@pytest.mark.requirement("TOK-09")
def test_s4_4_a_public_client_has_no_credentials_to_act_on(public_client: Client) -> None:
    reply = ask(public_client)

    assert reply.status_code == 400
    assert error_of(reply) == "unauthorized_client"


@pytest.mark.requirement("TOK-10")
@pytest.mark.parametrize(
    "content",
    [
        f"{FORM_OF_THE_GRANT}&{FORM_OF_THE_GRANT}",
        f"{FORM_OF_THE_GRANT}&scope=read&scope=read",
        f"{FORM_OF_THE_GRANT}&scope=read&scope=",
        f"{FORM_OF_THE_GRANT}&client_id=a&client_id=a",
    ],
    ids=["grant-type", "scope", "scope-and-empty-scope", "client-id"],
)
def test_s3_2_a_parameter_that_comes_twice(client: Client, content: str) -> None:
    reply = send(client, content)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("TOK-10")
@pytest.mark.parametrize(
    ("query", "content"),
    [
        (f"{FORM_OF_THE_GRANT}", ""),
        ("scope=read", FORM_OF_THE_GRANT),
        ("client_secret=x", FORM_OF_THE_GRANT),
        ("refresh_token=x", FORM_OF_THE_GRANT),
        ("resource=https://notes.example", FORM_OF_THE_GRANT),
    ],
    ids=["grant-type", "scope", "client-secret", "refresh-token", "resource"],
)
def test_s3_2_a_parameter_in_the_query(client: Client, query: str, content: str) -> None:
    reply = send(client, content, query=query)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("TOK-10")
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
)
def test_s3_2_a_body_that_is_no_form(client: Client, content_type: str) -> None:
    reply = send(client, FORM_OF_THE_GRANT, content_type=content_type)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("TOK-10")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_s3_2_only_post_asks_for_a_token(client: Client, method: str) -> None:
    reply = send(client, "", method=method)

    assert reply.status_code == 405
    assert reply.headers["Allow"] == "POST"


@pytest.mark.requirement("TOK-11")
@pytest.mark.parametrize(
    "body",
    ["", "grant_type=unknown", f"{FORM_OF_THE_GRANT}&scope=admin"],
    ids=["no-grant-type", "unknown-grant-type", "too-much-scope"],
)
def test_s3_2_1_the_client_is_checked_before_the_parameters(client: Client, body: str) -> None:
    stranger = Client(client.tenant, client.client_id, "wrong")

    reply = send(stranger, body)

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"


@pytest.mark.requirement("TOK-12")
def test_s5_1_a_token_is_active_on_every_worker_as_soon_as_it_is_known(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()

    seen = [client.is_active(client.access_token()) for _ in range(10)]

    assert seen == [True] * 10
