"""The product as a contender: tokens are issued through its domain, rows are counted by plain SQL."""

from rescind.domain.operating import issue
from tests.benchmarks import contenders
from tests.benchmarks.contenders import Account, Contender
from tests.benchmarks.kinds import Kind
from tests.benchmarks.serving import Served
from tests.servers import Client

NAME = "rescind"
TOKEN_SECONDS = 24 * 3600

# Each grant that has ended must have its event.
_REVOKED = """
    SELECT count(DISTINCT g.id) FROM {schema}grants g
    JOIN {schema}revocations r ON r.tenant_id = g.tenant_id AND r.grant_id = g.id
    WHERE g.tenant_id = :tenant AND g.client_id = :client AND g.revoked_at IS NOT NULL
"""
# The client was given no grant beforehand.
_GRANTED = "SELECT count(*) FROM {schema}grants WHERE tenant_id = :tenant AND client_id = :client"
_ROTATED = f"{_GRANTED} AND rotated_at IS NOT NULL"
_COUNTS = {"revoke": _REVOKED, "client_credentials": _GRANTED, "refresh": _ROTATED}


def contender(served: Served) -> Contender:
    """Give the product on one store, with a tenant and a client of its own for each kind of request."""

    def account(kind: Kind) -> Account:
        return _account(served, served.server.new_tenant().new_client(), kind)

    return Contender(NAME, served.store, served.process, served.url, account)


def _account(served: Served, client: Client, kind: Kind) -> Account:
    def count(issued: int) -> int:
        schema = "rescind." if served.store == "postgresql" else ""
        statement = _COUNTS[kind.name].format(schema=schema)
        whose = {"tenant": client.tenant.record.id, "client": client.client_id}
        return contenders.count(served.url, statement, **whose)

    path = f"{client.tenant.path}/{kind.endpoint}"
    return Account(path, client.basic, lambda count: tokens(client, kind, count), count)


def tokens(client: Client, kind: Kind, count: int) -> list[str]:
    """Issue tokens in bulk, each with a grant of its own."""
    issued = issue(
        client.tenant.server.authority,
        client.tenant.name,
        client.client_id,
        subject="alice" if kind.token == "refresh" else None,
        scope="",
        expires_in=TOKEN_SECONDS,
        count=count,
    )
    if kind.token == "refresh":
        return [each.refresh_token for each in issued if each.refresh_token]
    return [each.access_token for each in issued]
