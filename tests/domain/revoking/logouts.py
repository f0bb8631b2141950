"""Sessions that end, and clients that are told."""

from rescind.domain import clock
from rescind.domain.revoking import logout, revocation
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.deliveries import Outcome
from rescind.domain.revoking.selectors import Selector
from rescind.web.serving import backchannel
from tests.servers import Client, Tenant

# Ahead of the real time, so that no server beside this test finds anything due.
NOW = 4_000_000_000


def listening_client(tenant: Tenant, uri: str | None) -> Client:
    """Register a client that is to hear of logouts."""
    return tenant.new_client(scope="openid read offline_access", backchannel_logout_uri=uri)


def sign_in_to(*clients: Client, subject: str = "alice", scope: str = "openid read") -> str:
    """Sign in, give each client a grant by a code of that session, and give the session's public id."""
    sid = clients[0].tenant.new_session(subject, lifetime_seconds=10 * 86_400)
    for client in clients:
        reply = client.exchange(client.mint_code(subject, tuple(scope.split()), session_sid=sid))
        assert reply.status_code == 200, reply.text
    return sid


def sign_out(tenant: Tenant, sid: str) -> Revocation:
    """End a session, as its logout does."""
    authority = tenant.server.authority
    return logout.end_session(authority, tenant.record, sid, actor="subject:alice", request_id=None)


def sign_in_and_out(times: int, *clients: Client) -> None:
    """Sign in to clients and out again, so many times, each in a session of its own."""
    for _ in range(times):
        sign_out(clients[0].tenant, sign_in_to(*clients))


def revoke(tenant: Tenant, selector: Selector) -> Revocation:
    """Revoke as an operator."""
    return revocation.revoke(tenant.server.authority, selector, Cause("test", actor="operator:test"))


def deliver(tenant: Tenant, *, at: int = NOW) -> list[Outcome]:
    """Send at a time what is due then, and give what became of what was the tenant's."""
    clock.set(at)
    return [each for each in backchannel.deliver(tenant.server.authority) if each.tenant == tenant.name]


def deliver_to_the_end(tenant: Tenant) -> list[Outcome]:
    """Send again and again, each time when it is due, until nothing is left that will be."""
    outcomes = deliver(tenant)
    while outcomes[-1].next_at is not None:
        outcomes += deliver(tenant, at=outcomes[-1].next_at)
    return outcomes
