"""Requests to the letter, as no well-behaved client sends them; and what replies have in common."""

import base64
from urllib.parse import quote, urlencode

import httpx

from tests.servers import FORM, Client, Tenant

# The least that each endpoint answers with 200 once the client has authenticated.
SIMPLEST = {
    "revoke": "token=unknown",
    "introspect": "token=unknown",
    "token": "grant_type=client_credentials",
}


def request(
    tenant: Tenant,
    endpoint: str,
    body: bytes | str = b"",
    *,
    method: str = "POST",
    query: str = "",
    content_type: str | None = FORM,
    authorization: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Send exactly this body and query; a header is left out where it is None."""
    named = {"Content-Type": content_type, "Authorization": authorization}
    sent = {name: value for name, value in named.items() if value is not None} | (headers or {})
    with tenant.server.http() as http:
        url = f"{tenant.path}/{endpoint}{query and '?'}{query}"
        return http.request(method, url, content=body, headers=sent)


def form(*pairs: tuple[str, str]) -> str:
    """Encode parameters in this order, the same name as often as it comes."""
    return urlencode(pairs)


def basic(client_id: str, secret: str) -> str:
    """Write client_secret_basic as RFC 6749 section 2.3.1 wants it: both parts form-encoded."""
    return raw_basic(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode())


def raw_basic(pair: bytes) -> str:
    """Write these bytes as Basic credentials."""
    return "Basic " + base64.b64encode(pair).decode()


def pair(client: Client, subject: str = "alice", session_sid: str | None = None) -> tuple[str, str]:
    """Issue an access token and a refresh token on one new grant."""
    issued = client.issue(subject, session_sid=session_sid)
    return issued.access_token, str(issued.refresh_token)


def refreshed(client: Client, refresh_token: str) -> tuple[str, str]:
    """Use a refresh token, and give its successors."""
    reply = client.refresh(refresh_token)
    assert reply.status_code == 200, reply.text
    return reply.json()["access_token"], reply.json()["refresh_token"]


def look(reply: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Give all that can be seen of a reply, but for the id of its request."""
    headers = {name: value for name, value in reply.headers.items() if name != "x-request-id"}
    return reply.status_code, reply.content, headers
