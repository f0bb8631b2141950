"""RFC 7009 section 2.1: who may revoke. The client is authenticated before the rest of the form is read."""

import pytest

from tests.protocol.raw_requests import basic, form, pair, raw_basic, request
from tests.servers import Client, Tenant, error_of


@pytest.mark.requirement("REV-13")
@pytest.mark.parametrize(
    "body", ["", "token=", "token_type_hint=x"], ids=["no form", "empty token", "a hint"]
)
def test_s2_1_credentials_are_checked_before_the_parameters(client: Client, body: str) -> None:
    reply = request(client.tenant, "revoke", body, authorization=basic(client.client_id, "wrong"))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")


@pytest.mark.requirement("REV-13")
def test_s2_1_credentials_are_checked_before_the_owner_of_the_token(client: Client, mallory: Client) -> None:
    token = client.access_token()

    reply = request(
        client.tenant, "revoke", form(("token", token)), authorization=basic(mallory.client_id, "wrong")
    )

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(token)


@pytest.mark.requirement("REV-14")
@pytest.mark.parametrize("client_id", ["", "&client_id="], ids=["none", "empty client_id"])
def test_s2_1_a_request_that_names_no_client_is_refused(client: Client, client_id: str) -> None:
    token = client.access_token()

    reply = request(client.tenant, "revoke", f"token={token}{client_id}")

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(token)


@pytest.mark.requirement("REV-27")
def test_s2_1_a_public_client_revokes_an_access_token_by_its_client_id_alone(
    public_client: Client, resource_server: Client
) -> None:
    access_token, refresh_token = pair(public_client)
    assert resource_server.is_active(access_token)

    reply = public_client.revoke(access_token)

    used = public_client.refresh(refresh_token)
    assert (reply.status_code, reply.content) == (200, b"")
    assert not resource_server.is_active(access_token)
    assert error_of(used) == "invalid_grant"


@pytest.mark.requirement("REV-27")
def test_s2_1_a_public_client_revokes_a_refresh_token_by_its_client_id_alone(
    public_client: Client, resource_server: Client
) -> None:
    access_token, refresh_token = pair(public_client)

    reply = public_client.revoke(refresh_token)

    used = public_client.refresh(refresh_token)
    assert (reply.status_code, reply.content) == (200, b"")
    assert (used.status_code, error_of(used)) == (400, "invalid_grant")
    assert not resource_server.is_active(access_token)


@pytest.mark.requirement("REV-28")
@pytest.mark.parametrize(
    "has_client_id", [True, False], ids=["client_id in the body", "no client_id in the body"]
)
def test_a_public_client_that_sends_a_secret_by_header_is_refused(
    public_client: Client, resource_server: Client, has_client_id: bool
) -> None:
    token, _ = pair(public_client)
    body = f"token={token}" + f"&client_id={public_client.client_id}" * has_client_id

    reply = request(
        public_client.tenant, "revoke", body, authorization=basic(public_client.client_id, "guess")
    )

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("REV-28")
@pytest.mark.parametrize("secret", ["x", " ", "rcs_guess"], ids=["letter", "space", "word"])
def test_a_public_client_that_sends_a_secret_in_the_body_is_refused(
    public_client: Client, resource_server: Client, secret: str
) -> None:
    token, _ = pair(public_client)

    reply = public_client.revoke(token, client_secret=secret)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("REV-27")
@pytest.mark.requirement("REV-28")
def test_an_empty_secret_of_a_public_client_counts_as_none(
    public_client: Client, resource_server: Client
) -> None:
    token, _ = pair(public_client)

    reply = public_client.revoke(token, client_secret="")

    assert reply.status_code == 200
    assert not resource_server.is_active(token)


@pytest.mark.requirement("REV-29")
@pytest.mark.parametrize("method", [None, "client_secret_basic", "client_secret_post"])
def test_s2_1_a_confidential_client_that_only_names_itself_is_refused(
    tenant: Tenant, resource_server: Client, method: str | None
) -> None:
    client = tenant.new_client(auth_method=method)
    token, _ = pair(client)

    reply = request(tenant, "revoke", form(("token", token), ("client_id", client.client_id)))

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert resource_server.is_active(token)


@pytest.mark.requirement("REV-29")
@pytest.mark.parametrize("pair_of", ["{id}:", "{id}"], ids=["empty secret", "no colon"])
def test_s2_1_a_confidential_client_with_a_header_but_no_secret_is_refused(
    client: Client, pair_of: str
) -> None:
    token = client.access_token()
    authorization = raw_basic(pair_of.format(id=client.client_id).encode())

    reply = request(client.tenant, "revoke", form(("token", token)), authorization=authorization)

    assert (reply.status_code, error_of(reply)) == (401, "invalid_client")
    assert client.is_active(token)


@pytest.mark.requirement("REV-30")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_1_a_public_client_cannot_revoke_the_token_of_another(
    public_client: Client, resource_server: Client, which: int
) -> None:
    tokens = pair(public_client)
    other = public_client.tenant.new_client(is_public=True)

    reply = other.revoke(tokens[which])

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert resource_server.is_active(tokens[0])
    assert public_client.refresh(tokens[1]).status_code == 200
