"""The races above would show a server that is wrong: faults are planted, and the checks find them."""

from collections.abc import Callable

import pytest

from tests.races import checks, scenarios
from tests.races.arena import Arena

ROUNDS = 10


@pytest.mark.parametrize("planted_arena", ["stale_row"], indirect=True)
def test_a_refresh_that_is_decided_by_a_stale_row_is_caught(
    planted_arena: Arena, figure: Callable[[str], None]
) -> None:
    setups = scenarios.refreshes(planted_arena, planted_arena.new_client())

    tally = planted_arena.run(setups, checks.one_winner_at_most, rounds=ROUNDS)

    figure(f"planted, a joined row read stale under a lock: {tally}")
    assert any("refreshed 2 times" in violation for violation in tally.violations)


@pytest.mark.parametrize("planted_arena", ["second_epoch_read"], indirect=True)
def test_an_issue_that_reads_the_epoch_again_is_caught(
    planted_arena: Arena, figure: Callable[[str], None]
) -> None:
    setups = scenarios.issue_against_client(planted_arena, planted_arena.new_client())

    tally = planted_arena.run(setups, checks.just_what_began_before_is_dead, [0.01], rounds=ROUNDS)

    figure(f"planted, an epoch read again at the insert: {tally}")
    assert any("began before the revocation" in violation for violation in tally.violations)
