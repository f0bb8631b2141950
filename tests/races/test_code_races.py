"""The exchange of a code against another exchange of it, its subject's revocation, its session's end."""

from collections.abc import Callable, Iterator

import pytest

from tests.races import checks, scenarios
from tests.races.arena import Arena, Setup


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


@pytest.mark.requirement("CAS-08")
def test_a_code_for_offline_access_is_not_redeemed_after_the_end_of_its_session(
    arena: Arena, figure: Callable[[str], None]
) -> None:
    client = arena.server.new_tenant().new_client(scope="offline_access")

    tally = arena.run(
        scenarios.exchange_against_session(arena, client),
        checks.just_what_was_redeemed_before_outlives_its_session,
    )

    figure(f"a code for offline access against the end of its session: {tally}")
    assert tally.violations == []
    assert tally.is_close


@pytest.mark.requirement("BCL-01")
@pytest.mark.parametrize("ends", [scenarios.exchange_against_session, scenarios.exchange_against_subject])
def test_whoever_redeems_a_code_while_its_session_or_its_subject_ends_is_told(
    arena: Arena, figure: Callable[[str], None], ends: Callable[..., Iterator[Setup]]
) -> None:
    tenant = arena.server.new_tenant()
    client = tenant.new_client(scope="read", backchannel_logout_uri="https://app.example/out")
    is_of_session = ends is scenarios.exchange_against_session
    setups = ends(arena, client, ("read",)) if is_of_session else ends(arena, client)

    tally = arena.run(setups, checks.no_token_is_answered_behind_the_end)

    redeemed = sum(round_.statuses[0] == 200 for round_ in tally.rounds)
    figure(f"the exchange of a code against an end that is told: {tally}; {redeemed} redeemed")
    assert tally.violations == []
    assert arena.count_told(tenant) == redeemed
    assert tally.is_close
