"""Which clock decides: on PostgreSQL that of the database, on SQLite the host's, of which there is one."""

import time

import time_machine

from rescind.domain import clock
from tests.servers import Client, Server

HOUR = 3600


def active_by_a_host_that_is(client: Client, token: str, seconds: int) -> bool:
    """Ask a host whose clock is so far from the others'."""
    with time_machine.travel(time.time() + seconds, tick=False):
        return client.is_active(token)


def test_hosts_whose_clocks_are_apart_agree_on_what_has_expired(server: Server, client: Client) -> None:
    token = client.issue(access_token_seconds=600).access_token
    short = client.issue(access_token_seconds=3).access_token
    assert client.is_active(token)
    assert client.is_active(short)
    time.sleep(3.1)

    behind, ahead = (
        [active_by_a_host_that_is(client, each, seconds) for each in (token, short)]
        for seconds in (-HOUR, HOUR)
    )

    is_the_hosts = server.authority.store.is_sqlite
    assert behind == ([True, True] if is_the_hosts else [True, False])
    assert ahead == ([False, False] if is_the_hosts else [True, False])


def test_a_token_lives_as_long_as_it_says_whichever_host_has_made_it(server: Server, client: Client) -> None:
    with time_machine.travel(time.time() - HOUR, tick=False):
        issued = client.issue(access_token_seconds=600)

    assert issued.expires_in == 600
    assert client.is_active(issued.access_token) == (not server.authority.store.is_sqlite)


def test_a_test_can_set_it_on_both(client: Client) -> None:
    clock.set(1_800_000_000)
    token = client.issue(access_token_seconds=600).access_token
    clock.set(1_800_000_599)
    assert client.is_active(token)

    clock.set(1_800_000_600)

    assert not client.is_active(token)
