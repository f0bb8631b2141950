"""SIGKILL loses no revocation that was acknowledged."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.races import arena as arenas
from tests.races.arena import Arena, is_active
from tests.races.crashes import Stream, kill_server
from tests.races.scenarios import issue_pairs

TOKENS = 400
KILL_AT = (80, 160, 240)


def _stream(arena: Arena) -> Stream:
    client = arena.new_client()
    return Stream(arena, client, [pair[0] for pair in issue_pairs(client, TOKENS)], KILL_AT)


def test_rfc7009_s2_2_a_worker_that_is_killed_loses_no_acknowledged_revocation(
    crash_arena: Arena, figure: Callable[[str], None]
) -> None:
    stream = _stream(crash_arena)

    stream.run()

    lost = stream.still_active(stream.acknowledged)
    figure(
        f"SIGKILL of {len(stream.in_flight_at_kills)} workers amid revocations: "
        f"{len(stream.acknowledged)} acknowledged, {len(stream.unknown)} unknown, {len(lost)} lost "
        f"(in flight at each kill: {stream.in_flight_at_kills})"
    )
    assert lost == []
    assert len(stream.in_flight_at_kills) == len(KILL_AT)
    assert len(stream.acknowledged) + len(stream.unknown) == TOKENS
    assert len(stream.unknown) >= len(KILL_AT)
    # Section 2.2.1: what is unknown may be sent again.
    assert stream.repeat_unknown() == {200}
    assert stream.still_active(stream.unknown) == []


@pytest.mark.parametrize("planted_arena", ["early_answer"], indirect=True)
def test_a_server_that_answers_before_it_commits_is_caught(
    planted_arena: Arena, figure: Callable[[str], None]
) -> None:
    stream = _stream(planted_arena)

    stream.run()

    lost = stream.still_active(stream.acknowledged)
    figure(
        f"planted, the answer before the commit: {len(stream.acknowledged)} acknowledged, {len(lost)} lost"
    )
    assert lost != []


@pytest.mark.requirement("STO-02")
def test_rfc7009_s2_2_a_server_that_is_killed_and_started_again_keeps_what_it_acknowledged(
    race_environment: dict[str, str], tmp_path: Path
) -> None:
    with arenas.opened(tmp_path, race_environment) as killed:
        client = killed.new_client()
        issued = client.issue()
        answer = killed.connections[0].post(client, "revoke", token=issued.access_token)
        kill_server(killed)
    with arenas.opened(tmp_path, race_environment) as started_again:
        tokens = [issued.access_token, str(issued.refresh_token)]
        active = [is_active(started_again.connections[0], client, token) for token in tokens]

    assert answer.status == 200
    assert active == [False, False]
