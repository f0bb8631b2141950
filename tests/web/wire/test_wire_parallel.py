"""Many requests at once, on a real server with several processes and threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import httpx
import pytest

from tests.protocol.raw_requests import pair
from tests.servers import Client, Server


@pytest.fixture
def client(live_server: Server) -> Client:
    """Give a confidential client of a tenant on gunicorn."""
    return live_server.new_tenant().new_client()


def at_once(calls: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Make every call in a thread of its own, all at the same moment. Gives the answers in order."""
    barrier = Barrier(len(calls))

    def wait_and_call(call: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait(20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and_call, calls))


@pytest.mark.requirement("REV-34")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_2_eight_revocations_of_one_token_at_once_all_succeed(client: Client, which: int) -> None:
    tokens = pair(client)

    replies = at_once([lambda: client.revoke(tokens[which])] * 8)

    assert [(reply.status_code, reply.content) for reply in replies] == [(200, b"")] * 8
    assert not any(client.is_active(token) for token in tokens)


def revoke_then_ask(client: Client, token: str) -> httpx.Response:
    """Revoke a token and, once that is answered, ask about it."""
    client.revoke(token).raise_for_status()
    return client.introspect(token)


@pytest.mark.requirement("REV-04")
def test_s2_a_token_is_dead_for_every_process_as_soon_as_its_revocation_is_answered(client: Client) -> None:
    tokens = [client.access_token() for _ in range(8)]

    replies = at_once([partial(revoke_then_ask, client, token) for token in tokens])

    assert [reply.json() for reply in replies] == [{"active": False}] * 8


def refresh_against_revocation(client: Client, which: int) -> tuple[int, list[str]]:
    """Refresh and revoke one grant at once. Gives the revocation's status and what is still active."""
    tokens = pair(client)
    refreshed, revoked = at_once([lambda: client.refresh(tokens[1]), lambda: client.revoke(tokens[which])])
    successors = [refreshed.json().get(name) for name in ("access_token", "refresh_token")]
    known = [*tokens, *filter(None, successors)]
    return revoked.status_code, [token[:4] for token in known if client.is_active(token)]


@pytest.mark.requirement("CAS-07")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_a_refresh_beside_a_revocation_leaves_nothing_alive(client: Client, which: int) -> None:
    outcomes = [refresh_against_revocation(client, which) for _ in range(5)]

    assert outcomes == [(200, [])] * 5
