"""What a request costs at the store: one read, and at most one write."""

from collections.abc import Callable

import httpx
import pytest

from tests.hot_requests import (
    client_credentials,
    client_credentials_for_a_resource,
    exchange,
    introspect,
    introspect_unknown,
    refresh,
    refresh_shared,
    revoke,
    revoke_refresh_token,
    sent,
)
from tests.servers import Client, Server

READ, WRITE = "read", "write"
# On SQLite the parts of a write are statements of their own, in one transaction; nothing goes over a network.
TRANSACTION = {"BEGIN IMMEDIATE", "COMMIT"}


def units(server: Server, statements: list[str]) -> list[str]:
    """Say of each unit of work whether it reads or writes; on PostgreSQL each statement is a round trip."""
    if not server.authority.store.is_sqlite:
        return [WRITE if "INSERT INTO" in each or "UPDATE " in each else READ for each in statements]
    found: list[str] = []
    is_open = False
    for each in statements:
        if each in TRANSACTION:
            is_open = each != "COMMIT"
            found += [WRITE] if is_open else []
        elif not is_open:
            found.append(READ)
    return found


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (revoke, [READ, WRITE]),
        (revoke_refresh_token, [READ, WRITE]),
        (introspect, [READ]),
        (introspect_unknown, [READ]),
        (client_credentials, [READ, WRITE]),
        (client_credentials_for_a_resource, [READ, WRITE]),
        (refresh, [READ, WRITE]),
        (refresh_shared, [READ, WRITE]),
        (exchange, [READ, WRITE]),
    ],
    ids=lambda each: each.__name__.replace("_", "-") if callable(each) else "",
)
def test_a_request_is_one_read_and_at_most_one_write(
    server: Server,
    client: Client,
    prepare: Callable[[Client], Callable[[], httpx.Response]],
    expected: list[str],
) -> None:
    request = prepare(client)
    # The id of a tenant is remembered for its name.
    client.introspect("no-such-token")

    with sent() as statements:
        reply = request()

    assert reply.status_code == 200, reply.text
    assert units(server, statements) == expected


def test_a_tenant_that_was_not_asked_for_before_costs_the_look_up_of_its_name(client: Client) -> None:
    authority = client.tenant.server.authority
    request = introspect(client)
    authority.store.tenant_ids.clear()

    with sent() as statements:
        request()

    assert len(statements) == 2
    assert "WHERE" in statements[0]
    assert "tenants.name" in statements[0]
