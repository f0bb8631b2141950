"""Requests whose answers must not tell them apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rescind.domain import clock
from rescind.domain.operating import issue
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.secrets import new_access_token, new_client_id, new_client_secret
from tests.benchmarks import wire
from tests.servers import Client, Server

LONG_AGO_SECONDS = 7200
TOKEN_SECONDS = 3600
FAILURES_OF_A_CLIENT = 10


@dataclass(frozen=True)
class Lookalikes:
    """Cases of one request that must be answered alike; the first is the one that nothing is known of."""

    request: str
    status: int
    cases: dict[str, list[bytes]]


def groups(server: Server, count: int) -> Iterator[Lookalikes]:
    """Make the cases, so many requests of each, in tenants of their own."""
    tenant, other_tenant = server.new_tenant(), server.new_tenant()
    client = tenant.new_client()
    unknown = [new_access_token() for _ in range(count)]
    of_tenant = _tokens(other_tenant.new_client(), count)
    dead = {"revoked token": _revoked(client, count), "expired token": _expired(client, count)}
    tokens = {"unknown token": unknown, "token of another tenant": of_tenant, **dead}
    yield _about_tokens("revoke", client, tokens)
    of_client = _tokens(tenant.new_client(), count)
    yield _about_tokens("introspect", client, {**tokens, "token of another client": of_client})
    for endpoint in ("revoke", "introspect"):
        yield _about_clients(endpoint, client, unknown)


def _about_tokens(endpoint: str, client: Client, tokens: dict[str, list[str]]) -> Lookalikes:
    cases = {name: [_request(endpoint, client, token) for token in each] for name, each in tokens.items()}
    return Lookalikes(endpoint, 200, cases)


def _about_clients(endpoint: str, client: Client, tokens: list[str]) -> Lookalikes:
    """Make requests of clients that nobody knows, and of ones that are known, with secrets that are wrong.

    A few of each client, as more would be throttled.
    """
    batches = range(0, len(tokens), FAILURES_OF_A_CLIENT)
    known = [client.tenant.new_client() for _ in batches]
    unknown = [replace(client, client_id=new_client_id()) for _ in batches]
    wrong, nobody = (
        [replace(each[at // FAILURES_OF_A_CLIENT], secret=new_client_secret()) for at in range(len(tokens))]
        for each in (known, unknown)
    )
    cases = {
        name: [_request(endpoint, client, token) for client, token in zip(each, tokens, strict=True)]
        for name, each in (("unknown client", nobody), ("wrong secret", wrong))
    }
    return Lookalikes(endpoint, 401, cases)


def _request(endpoint: str, client: Client, token: str) -> bytes:
    return wire.post(f"{client.tenant.path}/{endpoint}", client.basic, f"token={token}")


def _tokens(client: Client, count: int) -> list[str]:
    """Issue access tokens, each with a grant of its own."""
    authority, tenant = client.tenant.server.authority, client.tenant.name
    issued = issue(
        authority, tenant, client.client_id, subject=None, scope="", expires_in=TOKEN_SECONDS, count=count
    )
    return [each.access_token for each in issued]


def _revoked(client: Client, count: int) -> list[str]:
    tokens, cause = _tokens(client, count), Cause(OPERATOR, "operator:benchmark")
    for token in tokens:
        revocation.revoke(client.tenant.server.authority, selectors.Token(client.tenant.name, token), cause)
    return tokens


def _expired(client: Client, count: int) -> list[str]:
    clock.set(clock.now() - LONG_AGO_SECONDS)
    try:
        return _tokens(client, count)
    finally:
        clock.set(None)
