"""The samples of the document that the product grew from, sent as those clients do, but for the host."""

import http.client
import uuid
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from rescind.domain.tokens.issuing import issue
from tests.patience import LONG_SECONDS
from tests.protocol.raw_requests import pair
from tests.servers import Client, Server, Tenant, error_of

TOKEN = "292896cf-5525-3551-b9e2-1787f1114924"
CLIENT_ID = "Wsoq8t4nHW80gSnPfyDvRbiC__Ea"

# What each client sends besides Host and Content-Length: its headers and its body, in its own order.
CURL = {
    "User-Agent": "curl/7.88.1",
    "Accept": "*/*",
    "Content-Type": "application/x-www-form-urlencoded",
}
JQUERY = {
    "Accept": "*/*",
    "Content-Type": "application/x-www-form-urlencoded",
    "X-Requested-With": "XMLHttpRequest",
    "User-Agent": "Mozilla/5.0",
}
AXIOS = {
    "Accept": "application/json, text/plain, */*",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "axios/1.7.9",
    "Accept-Encoding": "gzip, compress, deflate, br",
}
SAMPLES = {
    "cURL, the sample request": (CURL, "token_type_hint={type}&token={token}&client_id={client}"),
    "cURL": (CURL, "token={token}&token_type_hint={type}&client_id={client}"),
    "jQuery": (JQUERY, "token={token}&token_type={type}&client_id={client}"),
    "Node.js with Axios": (AXIOS, "token={token}&token_type_hint={type}&client_id={client}"),
}
SAMPLE = pytest.mark.parametrize(("headers", "body"), SAMPLES.values(), ids=SAMPLES)


@pytest.fixture
def tenant(live_server: Server) -> Tenant:
    """Give a tenant like the document's, under a name of this test alone."""
    return live_server.new_tenant(f"bifrost-{uuid.uuid4().hex}")


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give the document's client: it has a client_id and no secret."""
    return tenant.new_client(client_id=CLIENT_ID, is_public=True)


@pytest.fixture
def token(live_server: Server, client: Client) -> str:
    """Give the document's access token, issued to its client."""
    authorization = client.authorization("alice")
    (issued,) = issue(live_server.authority, authorization, access_token=TOKEN)
    return issued.access_token


def send(tenant: Tenant, headers: dict[str, str], body: str) -> tuple[int, str | None, bytes]:
    """Send exactly these headers and this body. Gives status, media type and body of the answer."""
    address = urlsplit(tenant.server.base_url).netloc
    with closing(http.client.HTTPConnection(address, timeout=LONG_SECONDS)) as connection:
        connection.putrequest("POST", f"/t/{tenant.name}/oauth2/revoke", skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        reply = connection.getresponse()
        return reply.status, reply.headers["Content-Type"], reply.read()


@pytest.mark.requirement("REV-01")
@pytest.mark.requirement("REV-18")
@pytest.mark.requirement("REV-27")
@SAMPLE
def test_once_the_token_is_revoked_you_will_get_200_ok(
    tenant: Tenant, token: str, headers: dict[str, str], body: str
) -> None:
    resource_server = tenant.new_client(is_resource_server=True)
    assert resource_server.is_active(token)

    answer = send(tenant, headers, body.format(type="access_token", token=token, client=CLIENT_ID))

    assert answer == (200, None, b"")
    assert not resource_server.is_active(token)


@pytest.mark.requirement("REV-05")
@pytest.mark.requirement("REV-18")
@SAMPLE
def test_you_can_revoke_the_access_tokens_and_refresh_tokens(
    client: Client, headers: dict[str, str], body: str
) -> None:
    resource_server = client.tenant.new_client(is_resource_server=True)
    access_token, refresh_token = pair(client)

    answer = send(
        client.tenant, headers, body.format(type="refresh_token", token=refresh_token, client=CLIENT_ID)
    )

    assert answer == (200, None, b"")
    assert error_of(client.refresh(refresh_token)) == "invalid_grant"
    assert not resource_server.is_active(access_token)
