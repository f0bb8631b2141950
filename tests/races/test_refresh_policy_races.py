"""Refresh tokens that siblings share, or that are kept, and reuse that is refused: each against another."""

from collections.abc import Callable, Iterator

import pytest

from tests.extent import tries
from tests.races import checks, scenarios
from tests.races.arena import Arena, Round, Setup
from tests.races.contenders import Contender, Request
from tests.servers import Client

POLICY_ROUNDS = tries(60)


def followed(arena: Arena, client: Client) -> Iterator[tuple[str, str, str]]:
    """Issue a refresh token and replace it; gives it, and what followed: a refresh and an access token."""
    for _, first in scenarios.pairs(client):
        answer = arena.connections[0].post(client, "token", grant_type="refresh_token", refresh_token=first)
        yield first, answer.body["refresh_token"], answer.body["access_token"]


def siblings(arena: Arena, client: Client) -> Iterator[Setup]:
    """One comes with the token before, the other with the one that followed it."""
    for first, second, access_token in followed(arena, client):
        shown = zip(arena.connections, (first, second), strict=False)
        contenders: list[Contender] = [Request.refresh(each, client, token) for each, token in shown]
        yield Setup(client, contenders, (second, access_token))


def use_against_revocation(arena: Arena, client: Client) -> Iterator[Setup]:
    """The use of a token that stays what it is, against the revocation of its grant."""
    refreshing, revoking = arena.connections[:2]
    for _, second, access_token in followed(arena, client):
        contenders: list[Contender] = [
            Request.refresh(refreshing, client, second),
            Request.revoke(revoking, client, access_token),
        ]
        yield Setup(client, contenders, (second, access_token))


def reuses(arena: Arena, client: Client) -> Iterator[Setup]:
    """A token that was replaced, twice at once."""
    for first, second, access_token in followed(arena, client):
        contenders: list[Contender] = [Request.refresh(each, client, first) for each in arena.connections[:2]]
        yield Setup(client, contenders, (second, access_token))


def everybody_goes_on(round_: Round) -> Iterator[str]:
    """Each gets the one refresh token of the grant, and an access token that is good."""
    yield from checks.only_plain_answers(round_)
    if set(round_.statuses) != {200}:
        yield f"a sibling was refused: {round_.statuses}"
    if len({answer.body.get("refresh_token") for answer in round_.answers}) != 1:
        yield "there are two refresh tokens of one grant"
    if False in {*round_.old_active.values(), *round_.new_active.values()}:
        yield "a token is not active"


def refused_and_nothing_ended(round_: Round) -> Iterator[str]:
    """Each is refused, and what followed goes on."""
    if set(round_.statuses) != {400}:
        yield f"a reuse was not refused: {round_.statuses}"
    if False in round_.old_active.values():
        yield "what followed has ended"


@pytest.mark.requirement("REF-20")
def test_siblings_with_two_generations_of_a_token_all_go_on(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.server.new_tenant().new_client(refresh_grace_seconds=600)

    tally = arena.run(siblings(arena, client), everybody_goes_on, rounds=POLICY_ROUNDS)

    figure(f"two generations of a shared refresh token at once: {tally}")
    assert tally.violations == []
    assert tally.is_close


@pytest.mark.requirement("REF-20")
def test_the_use_of_a_token_that_stays_saves_nothing_from_a_revocation(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.server.new_tenant().new_client(refresh_grace_seconds=600)

    tally = arena.run(use_against_revocation(arena, client), checks.nothing_survives, rounds=POLICY_ROUNDS)

    figure(f"the use of a shared refresh token against a revocation: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0


@pytest.mark.requirement("REF-20")
def test_two_reuses_at_once_are_refused_and_written_down_once(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.server.new_tenant().new_client(refresh_grace_seconds=0, on_reuse="refuse")

    tally = arena.run(reuses(arena, client), refused_and_nothing_ended, rounds=POLICY_ROUNDS)

    figure(f"two reuses at once that are refused: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_events(client.tenant) == len(tally.rounds)
