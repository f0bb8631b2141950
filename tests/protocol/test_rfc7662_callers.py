"""RFC 7662 section 2.1: who may ask, and how the question has to be put."""

import httpx
import pytest

from tests.protocol.raw_requests import request
from tests.servers import Client, Server, Tenant, error_of


def ask(server: Server, tenant: Tenant, headers: dict[str, str], form: dict[str, str]) -> httpx.Response:
    """Ask with these credentials and no others."""
    with server.http() as http:
        return http.post(f"{tenant.path}/introspect", data=form, headers=headers)


@pytest.mark.requirement("INT-03")
@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"client_id": "{id}"},
        {"client_id": "{id}", "client_secret": "wrong"},
        {"client_id": "nobody", "client_secret": "{secret}"},
    ],
    ids=["none", "client-id-alone", "wrong-secret", "unknown-client"],
)
def test_s2_1_the_caller_has_to_authenticate(
    server: Server, client: Client, credentials: dict[str, str]
) -> None:
    token = client.access_token()
    known = {"id": client.client_id, "secret": str(client.secret)}
    form = {name: value.format(**known) for name, value in credentials.items()}

    reply = ask(server, client.tenant, {}, {**form, "token": token})

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"
    assert "active" not in reply.json()


@pytest.mark.requirement("INT-03")
def test_s2_1_a_wrong_secret_by_basic_is_refused(server: Server, client: Client, mallory: Client) -> None:
    mixed = Client(client.tenant, client.client_id, mallory.secret)

    reply = ask(server, client.tenant, {"Authorization": mixed.basic}, {"token": client.access_token()})

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.requirement("INT-03")
def test_s4_a_public_client_may_not_ask_even_about_its_own_token(public_client: Client) -> None:
    token = public_client.issue().access_token

    reply = public_client.introspect(token)

    assert reply.status_code == 401
    assert error_of(reply) == "invalid_client"


@pytest.mark.requirement("INT-03")
def test_s2_1_an_access_token_is_no_authentication_here(server: Server, client: Client) -> None:
    token = client.access_token()

    reply = ask(server, client.tenant, {"Authorization": f"Bearer {token}"}, {"token": token})

    assert reply.status_code == 401


@pytest.mark.requirement("INT-08")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_s2_1_only_post_asks(client: Client, method: str) -> None:
    reply = request(client.tenant, "introspect", method=method, authorization=client.basic)

    assert reply.status_code == 405
    assert reply.headers["Allow"] == "POST"


@pytest.mark.requirement("INT-08")
@pytest.mark.parametrize("body", ["", "token={0}"], ids=["query-alone", "query-and-body"])
def test_s2_1_a_token_in_the_query_is_refused(client: Client, body: str) -> None:
    token = client.access_token()

    reply = request(
        client.tenant, "introspect", body.format(token), query=f"token={token}", authorization=client.basic
    )

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"
    assert "active" not in reply.json()


@pytest.mark.requirement("INT-08")
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
)
def test_s2_1_only_a_form_asks(client: Client, content_type: str) -> None:
    body, basic = f"token={client.access_token()}", client.basic

    reply = request(client.tenant, "introspect", body, content_type=content_type, authorization=basic)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("INT-03")
@pytest.mark.requirement("INT-07")
def test_s2_1_the_caller_is_checked_before_the_question(server: Server, client: Client) -> None:
    form = {"client_id": client.client_id, "client_secret": "wrong"}

    reply = ask(server, client.tenant, {}, form)

    assert reply.status_code == 401
