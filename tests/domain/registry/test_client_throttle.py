"""What a process keeps of failed client authentication has a bound, and holds beside many threads."""

from concurrent.futures import ThreadPoolExecutor

from rescind.domain.registry.client_throttle import MOST_FAILURES, MOST_KEPT, ClientThrottle, Origin

NOW = 1_800_000_000
ALICE = Origin.of(1, "alice", "192.0.2.1")


def others(count: int) -> list[Origin]:
    return [Origin.of(1, f"made-up-{number}", "192.0.2.1") for number in range(count)]


def test_of_made_up_clients_no_more_is_kept_than_the_most() -> None:
    throttle = ClientThrottle()

    for each in others(MOST_KEPT + 100):
        throttle.fail(each, NOW)
        throttle.succeed(each)

    assert (len(throttle._counts), len(throttle._familiar)) == (MOST_KEPT, MOST_KEPT)


def test_failures_of_others_make_no_familiar_address_strange() -> None:
    throttle = ClientThrottle()
    throttle.succeed(ALICE)

    for each in others(MOST_KEPT + 100):
        throttle.fail(each, NOW)

    assert throttle.is_familiar(ALICE)


def test_failures_at_the_same_time_are_all_counted() -> None:
    throttle = ClientThrottle()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: throttle.fail(ALICE, NOW), range(MOST_FAILURES)))

    assert throttle.seconds_left(ALICE, NOW) == 1
    assert told.count(True) == 1


def test_a_port_behind_the_address_is_not_another_place() -> None:
    assert Origin.of(1, "alice", "192.0.2.1:5000") == ALICE
    assert Origin.of(1, "alice", "::ffff:192.0.2.1") == ALICE
