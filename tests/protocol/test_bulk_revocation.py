"""Revocation by an operator: a session, a subject, a client or a tenant at once, whatever it holds."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rescind.domain.registry import clients, tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Revocation
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.revoking.selectors import Selector
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.store import transactions
from tests.protocol.raw_requests import pair, refreshed
from tests.servers import Client, Server, Tenant, error_of

KINDS = ["session", "subject", "client", "tenant"]


def selector(kind: str, client: Client, sid: str) -> Selector:
    """Name all that this session, the subject alice, the client or its tenant has."""
    name = client.tenant.name
    selectors_by_kind: dict[str, Selector] = {
        "session": selectors.Session(name, sid),
        "subject": selectors.Subject(name, "alice"),
        "client": selectors.Client(name, client.client_id),
        "tenant": selectors.Tenant(name),
    }
    return selectors_by_kind[kind]


def revoke(server: Server, what: Selector) -> Revocation:
    """Revoke as an operator does, by the public method of the extension."""
    assert server.app is not None
    revocation: Revocation = server.app.extensions["rescind"].revoke(what, cause="test")
    return revocation


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize(
    ("kind", "dead"),
    [
        ("session", {"alice in the session", "alice in the session at mallory"}),
        ("subject", {"alice in the session", "alice in the session at mallory", "alice"}),
        ("client", {"alice in the session", "alice", "bob", "the client itself"}),
        (
            "tenant",
            {"alice in the session", "alice in the session at mallory", "alice", "bob", "the client itself"},
        ),
    ],
    ids=KINDS,
)
def test_a_bulk_revocation_ends_what_it_names_and_nothing_else(
    server: Server, client: Client, mallory: Client, other_tenant: Tenant, kind: str, dead: set[str]
) -> None:
    sid = client.tenant.new_session("alice")
    namesake = other_tenant.new_client(client_id=client.client_id, secret=client.secret)
    held = {
        "alice in the session": (client, pair(client, "alice", sid)),
        "alice in the session at mallory": (mallory, pair(mallory, "alice", sid)),
        "alice": (client, pair(client, "alice")),
        "bob": (client, pair(client, "bob", client.tenant.new_session("bob"))),
        "the client itself": (client, (client.access_token(),)),
        "alice in another tenant": (namesake, pair(namesake, "alice")),
    }

    revocation = revoke(server, selector(kind, client, sid))

    found = {what: {owner.is_active(token) for token in tokens} for what, (owner, tokens) in held.items()}
    assert revocation.revoked
    assert found == {what: {what not in dead} for what in held}


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("kind", KINDS)
def test_a_refresh_token_that_a_bulk_revocation_ended_gives_nothing(
    server: Server, client: Client, kind: str
) -> None:
    sid = client.tenant.new_session("alice")
    _, refresh_token = refreshed(client, pair(client, "alice", sid)[1])

    revoke(server, selector(kind, client, sid))

    reply = client.refresh(refresh_token)
    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("CAS-08")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_issued_after_a_bulk_revocation_is_alive(server: Server, client: Client, kind: str) -> None:
    sid = client.tenant.new_session("alice")

    revoke(server, selector(kind, client, sid))

    again = pair(client, "alice", client.tenant.new_session("alice"))
    assert client.is_active(again[0])
    assert client.is_active(client.access_token())
    assert refreshed(client, again[1])


@contextmanager
def statements() -> Iterator[list[str]]:
    """Record each statement that reaches the database."""
    seen: list[str] = []

    def note(dialect: str, statement: str) -> None:
        seen.append(statement)

    transactions.watchers.append(note)
    try:
        yield seen
    finally:
        transactions.watchers.remove(note)


def holding(client: Client, count: int) -> tuple[str, list[str]]:
    """Give a client as many grants about alice, in one session. Gives the session and the access tokens."""
    authority = client.tenant.server.authority
    tenant, sid = tenants.get(authority, client.tenant.name), client.tenant.new_session("alice")
    epochs = Epochs.carried_by(tenant, clients.get(authority, tenant, client.client_id))
    authorization = Authorization(tenant.id, client.client_id, epochs, (), "alice", sid, is_refreshable=True)
    return sid, [issued.access_token for issued in issue(authority, authorization, count=count)]


@pytest.mark.requirement("CAS-09")
@pytest.mark.parametrize("kind", KINDS)
def test_a_bulk_revocation_costs_the_same_for_many_tokens_as_for_one(server: Server, kind: str) -> None:
    one, many = server.new_tenant().new_client(), server.new_tenant().new_client()
    sid_of_one, _ = holding(one, 1)
    sid_of_many, tokens = holding(many, 500)
    with statements() as for_one:
        revoke(server, selector(kind, one, sid_of_one))

    with statements() as for_many:
        revoke(server, selector(kind, many, sid_of_many))

    assert for_many == for_one
    assert not any(many.is_active(token) for token in tokens[::100])
