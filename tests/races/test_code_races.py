"""The exchange of a code against another exchange of it, and against the revocation of its subject."""

from collections.abc import Callable

import pytest

from tests.races import checks, scenarios
from tests.races.arena import Arena


@pytest.mark.requirement("COD-04")
def test_rfc6749_s4_1_2_two_exchanges_of_one_code_get_tokens_once_and_end_them(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.exchanges(arena, client), checks.one_exchange_and_its_end)

    figure(f"two exchanges of one code: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0
    assert arena.count_events(client.tenant) == len(tally.rounds)


@pytest.mark.requirement("CAS-08")
def test_a_code_exchange_saves_nothing_from_the_revocation_of_its_subject(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.new_client()

    tally = arena.run(scenarios.exchange_against_subject(arena, client), checks.nothing_survives)

    figure(f"a code exchange against the revocation of its subject: {tally}")
    assert tally.violations == []
    assert tally.is_close
    assert arena.count_active(client.tenant) == 0
