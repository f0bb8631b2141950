"""What must hold after a round. Each check gives the violations that it finds, as sentences."""

from collections.abc import Iterator

from tests.races.arena import Round


def one_pair_for_all(round_: Round) -> Iterator[str]:
    """Within the grace time every refresh gets the same successors, and only they go on."""
    yield from only_plain_answers(round_)
    if set(round_.statuses) != {200}:
        yield f"a refresh within the grace time was refused: {round_.statuses}"
    if len({_pair(answer.body) for answer in round_.answers}) != 1:
        yield "two refreshes got different successors"
    if set(round_.new_active.values()) != {True}:
        yield "a successor is not active"
    if any(token.startswith("rrt_") and active for token, active in round_.old_active.items()):
        yield "the refresh token that was rotated is active"


def one_winner_at_most(round_: Round) -> Iterator[str]:
    """Without grace the second use of a refresh token is reuse: it is refused, and the family has ended."""
    yield from only_plain_answers(round_)
    if round_.statuses.count(200) > 1:
        yield f"one refresh token was refreshed {round_.statuses.count(200)} times"
    if 400 in round_.statuses:
        yield from _nothing_active(round_)


def one_exchange_and_its_end(round_: Round) -> Iterator[str]:
    """Of exchanges of one code that are all right, one gets tokens; the others are replays and end them."""
    yield from only_plain_answers(round_)
    if round_.statuses.count(200) != 1:
        yield f"one code was exchanged {round_.statuses.count(200)} times"
    yield from _nothing_active(round_)


def nothing_survives(round_: Round) -> Iterator[str]:
    """Once the revocation is acknowledged, neither what it covered nor what came of that is active."""
    yield from only_plain_answers(round_)
    if round_.answers[-1].status != 200:
        yield f"the revocation was not acknowledged: {round_.statuses}"
    yield from _nothing_active(round_)


def all_acknowledged(round_: Round) -> Iterator[str]:
    """Every one of several revocations is answered 200, and nothing is active."""
    if set(round_.statuses) != {200}:
        yield f"a revocation was not acknowledged: {round_.statuses}"
    yield from _nothing_active(round_)


def clients_are_spared(round_: Round) -> Iterator[str]:
    """A subject's revocation ends the subject's token, and never one that a client got for itself."""
    yield from only_plain_answers(round_)
    if True in round_.old_active.values():
        yield "a token of the subject is active"
    if list(round_.new_active.values()) != [True]:
        yield "the token that the client got for itself is not active"


def just_what_began_before_is_dead(round_: Round) -> Iterator[str]:
    """A bulk revocation ends every token whose request had read the epochs before it began to write.

    And none whose request began when it had been acknowledged.
    """
    yield from only_plain_answers(round_)
    if True in round_.old_active.values():
        yield "a token that was handed out before the revocation was sent is active"
    issue, revocation = round_.answers
    first_read, raised = issue.units[0], next(unit for unit in revocation.units if unit.is_writing)
    if first_read.ended_ns < raised.began_ns and True in round_.new_active.values():
        yield "a token whose request began before the revocation is active"
    if revocation.ended_ns < first_read.began_ns and False in round_.new_active.values():
        yield "a token whose request began after the revocation is not active"


def just_what_was_redeemed_before_outlives_its_session(round_: Round) -> Iterator[str]:
    """A code is not redeemed by a write that begins when its session's end was acknowledged.

    And what was answered is as it was said: tokens of a 200 go on, and a refusal has given none.
    """
    yield from only_plain_answers(round_)
    exchange, end = round_.answers
    if end.status != 200:
        yield f"the end of the session was not acknowledged: {round_.statuses}"
    if set(round_.new_active.values()) != ({True} if exchange.status == 200 else set()):
        yield "the answer to the exchange and what became of its tokens differ"
    writes = [unit for unit in exchange.units if unit.is_writing]
    if exchange.status == 200 and end.ended_ns < writes[0].began_ns:
        yield "a code was redeemed after the end of its session"


def no_token_is_answered_behind_the_end(round_: Round) -> Iterator[str]:
    """A session's end is acknowledged behind whatever is still redeemed in it, which ends by it."""
    yield from nothing_survives(round_)
    exchange, end = round_.answers
    writes = [unit for unit in exchange.units if unit.is_writing]
    if exchange.status == 200 and end.ended_ns < writes[0].began_ns:
        yield "a code was redeemed after the end of its session"


def only_plain_answers(round_: Round) -> Iterator[str]:
    """No answer is an error of the server, 503 included, nor one of the client's authentication."""
    if not set(round_.statuses) <= {200, 400}:
        yield f"an answer that a race must not make: {round_.statuses}"


def _nothing_active(round_: Round) -> Iterator[str]:
    for kind, tokens in (("old", round_.old_active), ("new", round_.new_active)):
        living = sum(tokens.values())
        if living:
            yield f"{living} {kind} tokens are active"


def _pair(body: dict[str, object]) -> tuple[object, object]:
    return body.get("access_token"), body.get("refresh_token")
