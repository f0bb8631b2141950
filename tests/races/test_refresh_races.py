"""A refresh against another refresh, against a revocation, and against the revocation of its subject."""

from collections.abc import Callable

import pytest

from tests.extent import tries
from tests.races import checks, scenarios
from tests.races.arena import Arena

WIDE_ROUNDS = tries(25)


@pytest.mark.requirement("REF-11")
def test_rfc9700_s4_14_2_two_refreshes_within_the_grace_time_get_one_pair(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.refreshes(arena, client), checks.one_pair_for_all)

    figure(f"two refreshes of one token, grace 10 s: {tally}")
    assert tally.violations == []
    assert tally.is_close
    # Of each round: the first access token, which has not expired, and its one successor.
    assert arena.count_active(client.tenant) == 2 * len(tally.rounds)


@pytest.mark.requirement("REF-11")
def test_rfc9700_s4_14_2_two_refreshes_without_grace_end_the_family(
    strict_arena: Arena, figure: Callable[[str], None]
) -> None:
    client = strict_arena.new_client()

    tally = strict_arena.run(scenarios.refreshes(strict_arena, client), checks.one_winner_at_most)

    figure(f"two refreshes of one token, grace 0: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert strict_arena.count_active(client.tenant) == 0


@pytest.mark.requirement("REF-06")
def test_rfc9700_s4_14_2_eight_refreshes_within_the_grace_time_get_one_pair(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()
    setups = scenarios.refreshes(arena, client, width=8)

    tally = arena.run(setups, checks.one_pair_for_all, [0], rounds=WIDE_ROUNDS)

    figure(f"eight refreshes of one token, grace 10 s: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 2 * len(tally.rounds)


@pytest.mark.requirement("REF-06")
def test_rfc9700_s4_14_2_eight_refreshes_without_grace_end_the_family(
    strict_arena: Arena, figure: Callable[[str], None]
) -> None:
    client = strict_arena.new_client()
    setups = scenarios.refreshes(strict_arena, client, width=8)

    tally = strict_arena.run(setups, checks.one_winner_at_most, [0], rounds=WIDE_ROUNDS)

    figure(f"eight refreshes of one token, grace 0: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert strict_arena.count_active(client.tenant) == 0


@pytest.mark.requirement("CAS-07")
def test_rfc7009_s2_1_a_refresh_saves_nothing_from_a_revocation(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.refresh_against_revocation(arena, client), checks.nothing_survives)

    figure(f"a refresh against a revocation: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0


@pytest.mark.requirement("CAS-08")
def test_a_refresh_saves_nothing_from_the_revocation_of_its_subject(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.refresh_against_subject(arena, client), checks.nothing_survives)

    figure(f"a refresh against the revocation of its subject: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0
