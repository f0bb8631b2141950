"""What races against what: an endless row of rounds each."""

import itertools
from collections.abc import Iterator

from rescind.domain.revoking import selectors
from rescind.domain.tokens.issuing import issue
from tests.races.arena import Arena, Setup
from tests.races.contenders import Contender, Operator, Request
from tests.servers import Client


def issue_pairs(client: Client, count: int) -> list[tuple[str, str]]:
    """Issue pairs of an access and a refresh token about one subject, each of a grant of its own."""
    authorization = client.authorization(is_refreshable=True)
    issued = issue(client.tenant.server.authority, authorization, count=count)
    return [(tokens.access_token, str(tokens.refresh_token)) for tokens in issued]


def pairs(client: Client) -> Iterator[tuple[str, str]]:
    """Issue such pairs, each when it is asked for: none is left that did not race."""
    authorization = client.authorization(is_refreshable=True)
    while True:
        (tokens,) = issue(client.tenant.server.authority, authorization)
        yield tokens.access_token, str(tokens.refresh_token)


def refreshes(arena: Arena, client: Client, *, width: int = 2) -> Iterator[Setup]:
    """One refresh token, refreshed several times at once."""
    for pair in pairs(client):
        contenders: list[Contender] = [
            Request.refresh(connection, client, pair[1]) for connection in arena.connections[:width]
        ]
        yield Setup(client, contenders, pair)


def revocations(arena: Arena, client: Client, *, width: int = 2) -> Iterator[Setup]:
    """One grant, revoked several times at once: by its access token and by its refresh token in turn."""
    for pair in pairs(client):
        contenders: list[Contender] = [
            Request.revoke(connection, client, pair[number % 2])
            for number, connection in enumerate(arena.connections[:width])
        ]
        yield Setup(client, contenders, pair)


def refresh_against_revocation(arena: Arena, client: Client) -> Iterator[Setup]:
    """A refresh against the revocation of its grant, by the access token and the refresh token in turn."""
    refreshing, revoking = arena.connections[:2]
    for number, pair in enumerate(pairs(client)):
        contenders: list[Contender] = [
            Request.refresh(refreshing, client, pair[1]),
            Request.revoke(revoking, client, pair[number // 2 % 2]),
        ]
        yield Setup(client, contenders, pair)


def refresh_against_subject(arena: Arena, client: Client) -> Iterator[Setup]:
    """A refresh against the revocation of all that its subject has; each worker in turn."""
    for number in itertools.count():
        subject = f"subject-{number}"
        issued = client.issue(subject)
        refresh_token = str(issued.refresh_token)
        contenders: list[Contender] = [
            Request.refresh(arena.connections[number // 2 % 2], client, refresh_token),
            Operator(arena.server.authority, selectors.Subject(client.tenant.name, subject)),
        ]
        yield Setup(client, contenders, (issued.access_token, refresh_token))


def exchanges(arena: Arena, client: Client) -> Iterator[Setup]:
    """One authorization code, exchanged by each worker at once."""
    while True:
        code = client.mint_code()
        contenders: list[Contender] = [
            Request.exchange(connection, client, code) for connection in arena.connections[:2]
        ]
        yield Setup(client, contenders, ())


def exchange_against_subject(arena: Arena, client: Client) -> Iterator[Setup]:
    """The exchange of a code against the revocation of all that its subject has; each worker in turn."""
    for number in itertools.count():
        subject = f"subject-{number}"
        contenders: list[Contender] = [
            Request.exchange(arena.connections[number // 2 % 2], client, client.mint_code(subject)),
            Operator(arena.server.authority, selectors.Subject(client.tenant.name, subject)),
        ]
        yield Setup(client, contenders, ())


def exchange_against_session(
    arena: Arena, client: Client, scope: tuple[str, ...] = ("offline_access",)
) -> Iterator[Setup]:
    """The exchange of a code, else for what outlives its session, against its end; each worker in turn."""
    for number in itertools.count():
        sid = client.tenant.new_session("alice")
        code = client.mint_code("alice", scope, session_sid=sid)
        contenders: list[Contender] = [
            Request.exchange(arena.connections[number // 2 % 2], client, code),
            Operator(arena.server.authority, selectors.Session(client.tenant.name, sid)),
        ]
        yield Setup(client, contenders, ())


def issue_against_subject(arena: Arena, client: Client) -> Iterator[Setup]:
    """An issue by client_credentials against the revocation of a subject that is named like the client."""
    for number in itertools.count():
        issued = client.issue(client.client_id, is_refreshable=False)
        contenders: list[Contender] = [
            Request.issue(arena.connections[number // 2 % 2], client),
            Operator(arena.server.authority, selectors.Subject(client.tenant.name, client.client_id)),
        ]
        yield Setup(client, contenders, (issued.access_token,))


def issue_against_client(arena: Arena, client: Client) -> Iterator[Setup]:
    """An issue by client_credentials against the revocation of all that the client has."""
    for number in itertools.count():
        connection = arena.connections[number // 2 % 2]
        before = connection.post(client, "token", grant_type="client_credentials")
        contenders: list[Contender] = [
            Request.issue(connection, client),
            Operator(arena.server.authority, selectors.Client(client.tenant.name, client.client_id)),
        ]
        yield Setup(client, contenders, (before.body["access_token"],))
