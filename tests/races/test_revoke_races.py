"""Revocations against each other, and bulk revocations against the issue of new tokens."""

from collections.abc import Callable

import pytest

from tests.extent import tries
from tests.races import checks, scenarios
from tests.races.arena import Arena

WIDE_ROUNDS = tries(25)
# The last one is longer than a revocation takes: such tokens live, or were handed out before.
OFFSETS_SECONDS = (0.0, 0.0, 0.0, 0.0, 0.0001, 0.0002, 0.003)


@pytest.mark.requirement("REV-07")
def test_rfc7009_s2_2_two_revocations_are_both_acknowledged_and_one_event(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.revocations(arena, client), checks.all_acknowledged)

    figure(f"two revocations of one grant: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0
    assert arena.count_events(client.tenant) == len(tally.rounds)


@pytest.mark.requirement("REV-34")
def test_rfc7009_s2_2_eight_revocations_are_all_acknowledged_and_one_event(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()
    setups = scenarios.revocations(arena, client, width=8)

    tally = arena.run(setups, checks.all_acknowledged, [0], rounds=WIDE_ROUNDS)

    figure(f"eight revocations of one grant: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0
    assert arena.count_events(client.tenant) == len(tally.rounds)


@pytest.mark.requirement("CAS-08")
def test_a_subject_that_is_revoked_takes_no_token_of_a_client_for_itself_along(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.issue_against_subject(arena, client), checks.clients_are_spared)

    figure(f"client_credentials against the revocation of a subject: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == len(tally.rounds)


@pytest.mark.requirement("CAS-08")
def test_a_client_that_is_revoked_loses_every_token_whose_request_began_before(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()
    setups = scenarios.issue_against_client(arena, client)

    tally = arena.run(setups, checks.just_what_began_before_is_dead, OFFSETS_SECONDS)

    figure(f"client_credentials against the revocation of its client: {tally}; {tally.surviving} survived")
    assert tally.violations == []
    assert tally.is_close
    assert client.is_active(client.access_token())
