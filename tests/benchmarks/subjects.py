"""What is measured: the requests of each endpoint, and how the rows are counted that they should leave."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from rescind.domain.operating import issue
from rescind.store.tables import grants, revocations, tokens
from tests.benchmarks import wire
from tests.servers import Client

TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Subject:
    """One kind of request.

    Attributes:
        expected: what the body of a right answer contains; nothing where it has none.
        forms: makes as many different forms as are asked for.
        count: counts the rows that acknowledged requests of this client have changed; None where requests
            change nothing.
    """

    name: str
    endpoint: str
    expected: str
    forms: Callable[[Client, int], list[str]]
    count: Callable[[Client], int] | None
    repeats: bool = False

    def requests(self, client: Client, count: int) -> list[str]:
        """Write requests, each with a form of its own."""
        path = f"{client.tenant.path}/{self.endpoint}"
        return [wire.post(path, client.basic, form).decode() for form in self.forms(client, count)]


def _access_tokens(client: Client, count: int) -> list[str]:
    return [f"token={issued.access_token}" for issued in _issue(client, count, None)]


def _refreshes(client: Client, count: int) -> list[str]:
    issued = _issue(client, count, "alice")
    return [f"grant_type=refresh_token&refresh_token={each.refresh_token}" for each in issued]


def _issue(client: Client, count: int, subject: str | None) -> list[Any]:
    """Issue tokens in bulk, each with a grant of its own."""
    authority, tenant = client.tenant.server.authority, client.tenant.name
    options: dict[str, Any] = {"subject": subject, "scope": "", "expires_in": TOKEN_SECONDS, "count": count}
    return list(issue(authority, tenant, client.client_id, **options))


def _count_revoked(client: Client) -> int:
    """Count the grants that have ended, of which each must have its event row."""
    ended = _count(
        client, select(func.count()).select_from(grants).where(*_of(client), grants.c.revoked_at.is_not(None))
    )
    of_client = (revocations.c.tenant_id == client.tenant.record.id, _is(revocations, client))
    events = _count(client, select(func.count(revocations.c.grant_id.distinct())).where(*of_client))
    return ended if ended == events else -1


def _count_rotated(client: Client) -> int:
    """Count the refresh tokens that were replaced."""
    rotated = (tokens.c.tenant_id == client.tenant.record.id, tokens.c.rotated_at.is_not(None))
    joined = grants.join(tokens, tokens.c.grant_id == grants.c.id)
    return _count(client, select(func.count()).select_from(joined).where(*_of(client), *rotated))


def _count_issued(client: Client) -> int:
    """Count the grants of a client that was given none beforehand."""
    return _count(client, select(func.count()).select_from(grants).where(*_of(client)))


def _count(client: Client, statement: Any) -> int:
    with client.tenant.server.authority.store.opened() as tx:
        return int(tx.execute(statement).scalar_one())


def _of(client: Client) -> tuple[Any, Any]:
    return grants.c.tenant_id == client.tenant.record.id, _is(grants, client)


def _is(table: Any, client: Client) -> Any:
    return table.c.client_id == client.client_id


SUBJECTS = (
    Subject("revoke", "revoke", "", _access_tokens, _count_revoked),
    Subject("introspect", "introspect", '"active": true', _access_tokens, None, repeats=True),
    Subject(
        "client_credentials",
        "token",
        '"access_token": "rat_',
        lambda client, count: ["grant_type=client_credentials"],
        _count_issued,
        repeats=True,
    ),
    Subject("refresh", "token", '"refresh_token": "rrt_', _refreshes, _count_rotated),
)
