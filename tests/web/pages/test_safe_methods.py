"""RFC 9110 section 9.2.1: what is asked for without anybody's doing makes no code."""

import pytest
from sqlalchemy import func, select

from rescind.store.tables import authorization_codes
from tests.servers import Client
from tests.web.pages.asking import address_of, allowed, request, tokens_of
from tests.web.pages.browser import Browser


def codes_of(client: Client) -> int:
    """Count the codes that were made at the client's tenant."""
    of_tenant = select(func.count()).where(authorization_codes.c.tenant_id == client.tenant.record.id)
    with client.tenant.server.authority.store.opened() as connection:
        return int(connection.execute(of_tenant).scalar_one())


def test_a_link_that_nobody_has_followed_yet_makes_no_code(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client))
    before = codes_of(client)
    ahead = {"Sec-Purpose": "prefetch"}

    reply = alices.http.get(address_of(client.tenant), params=request(client), headers=ahead)

    assert reply.status_code == 503
    assert codes_of(client) == before == 1


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_method_that_has_to_be_safe_makes_no_code(alices: Browser, client: Client, method: str) -> None:
    tokens_of(client, allowed(alices, client))
    before = codes_of(client)

    reply = alices.http.request(method, address_of(client.tenant), params=request(client))

    assert reply.status_code == 405
    assert reply.headers["Allow"] == "GET, POST"
    assert "Location" not in reply.headers
    assert codes_of(client) == before == 1
