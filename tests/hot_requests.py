"""The requests that there are most of, and what is sent to the database for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from rescind.domain.registry import clients
from rescind.store import transactions
from tests.servers import Client


@contextmanager
def sent() -> Iterator[list[str]]:
    """Take down what is sent to the database, in order."""
    statements: list[str] = []

    def note(dialect: str, statement: str) -> None:
        statements.append(statement)

    transactions.watchers.append(note)
    try:
        yield statements
    finally:
        transactions.watchers.remove(note)


def revoke(client: Client) -> Callable[[], httpx.Response]:
    token = client.access_token()
    return lambda: client.revoke(token)


def revoke_refresh_token(client: Client) -> Callable[[], httpx.Response]:
    token = str(client.issue().refresh_token)
    return lambda: client.revoke(token)


def introspect(client: Client) -> Callable[[], httpx.Response]:
    token = client.access_token()
    return lambda: client.introspect(token)


def introspect_unknown(client: Client) -> Callable[[], httpx.Response]:
    return lambda: client.introspect("no-such-token")


def client_credentials(client: Client) -> Callable[[], httpx.Response]:
    return lambda: client.send("token", {"grant_type": "client_credentials"})


def client_credentials_for_a_resource(client: Client) -> Callable[[], httpx.Response]:
    resource = f"https://{client.client_id}.example"
    client.tenant.new_client(is_resource_server=True, resources=[resource])
    return lambda: client.send("token", {"grant_type": "client_credentials", "resource": resource})


def refresh(client: Client) -> Callable[[], httpx.Response]:
    token = str(client.issue().refresh_token)
    return lambda: client.refresh(token)


def refresh_shared(client: Client) -> Callable[[], httpx.Response]:
    """Use a token that siblings share, so soon after it was made that it stays what it is."""
    tenant = client.tenant
    clients.update(tenant.server.authority, tenant.record, client.client_id, refresh_grace_seconds=600)
    token = str(client.refresh(str(client.issue().refresh_token)).json()["refresh_token"])
    return lambda: client.refresh(token)


def exchange(client: Client) -> Callable[[], httpx.Response]:
    code = client.mint_code()
    return lambda: client.exchange(code)


HOT = (
    *(revoke, revoke_refresh_token, introspect, introspect_unknown),
    *(client_credentials, client_credentials_for_a_resource, refresh, refresh_shared, exchange),
)
