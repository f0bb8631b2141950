"""The id that a client gives its request is not taken where it repeats a secret: it is logged and stored."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from rescind.store.tables import revocations
from tests.protocol.raw_requests import basic
from tests.servers import Client, Tenant

# Of the look of an id, and of nothing that is known for a secret.
SECRET = "a-phrase-that-only-the-two-of-us-know-0123456789"

Send = Callable[[httpx.Client, Client, dict[str, str]], httpx.Response]


def revoke(http: httpx.Client, client: Client, headers: dict[str, str], **form: str) -> httpx.Response:
    given = {"token": client.access_token(), **form}
    return http.post(f"{client.tenant.path}/revoke", data=given, headers=headers)


SHOWN: dict[str, Send] = {
    "Basic": lambda http, client, headers: revoke(
        http, client, {**headers, "Authorization": basic(client.client_id, SECRET)}
    ),
    "the body": lambda http, client, headers: revoke(
        http, client, headers, client_id=client.client_id, client_secret=SECRET
    ),
    "the token": lambda http, client, headers: revoke(http, client, headers, token=SECRET),
    "the body, in another form": lambda http, client, headers: http.post(
        f"{client.tenant.path}/revoke",
        content="client_secret=" + "".join(f"%{ord(each):02x}" for each in SECRET),
        headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
    ),
    "Bearer": lambda http, client, headers: http.get(
        f"{client.tenant.path}/userinfo", headers={**headers, "Authorization": f"Bearer {SECRET}"}
    ),
    "the query": lambda http, client, headers: http.post(
        f"{client.tenant.path}/revoke?token={SECRET}", headers=headers
    ),
    "a cookie": lambda http, client, headers: http.get(
        f"/t/{client.tenant.name}/account", headers={**headers, "Cookie": f"rescind_session={SECRET}"}
    ),
}


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client whose secret looks like nothing in particular."""
    return Client(tenant, tenant.new_client(secret=SECRET).client_id, SECRET)


@pytest.mark.requirement("LOG-01")
@pytest.mark.parametrize("given", [SECRET, SECRET[:20]], ids=["all of it", "a part"])
@pytest.mark.parametrize("where", SHOWN)
def test_an_id_that_the_request_shows_as_a_secret_too_is_not_taken(
    client: Client, where: str, given: str
) -> None:
    with client.tenant.server.http() as http:
        reply = SHOWN[where](http, client, {"X-Request-ID": given})
        other = SHOWN[where](http, client, {"X-Request-ID": "another"})

    rows = select(revocations.c.request_id).where(revocations.c.tenant_id == client.tenant.record.id)
    with client.tenant.server.authority.store.opened() as tx:
        stored = list(tx.execute(rows).scalars())
    assert given not in reply.headers["X-Request-ID"]
    assert other.headers["X-Request-ID"] == "another"
    assert given not in stored
