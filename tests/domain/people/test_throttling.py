"""How often a sign-in may be tried, by username and by address, whichever worker is asked."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.domain.authority import Authority
from rescind.domain.people import users
from rescind.errors import Refused, SignInThrottled
from rescind.store.granting import KEPT_SECONDS
from rescind.store.tables import sign_in_attempts
from tests.domain.people.signing_in import (
    AWAY,
    HOME,
    enter,
    new_user,
    outcome,
    outcomes,
)
from tests.servers import Tenant
from tests.store.apart import serving

NOW = 1_800_000_000
WINDOW_SECONDS = 900
MONTH_SECONDS = 30 * 86_400
pytestmark = pytest.mark.usefixtures("cheap_hashes")
three_attempts = pytest.mark.settings(sign_in_attempts=3, sign_in_window_seconds=WINDOW_SECONDS)


def counters(tenant: Tenant) -> int:
    """Count the rows by which attempts are counted."""
    mine = sign_in_attempts.c.tenant_id == tenant.record.id
    with tenant.server.authority.store.opened() as tx:
        return tx.execute(select(func.count()).select_from(sign_in_attempts).where(mine)).scalar_one()


def answer(tenant: Tenant, username: str) -> str:
    """Try a wrong password, and give all that the person is told."""
    with pytest.raises(Refused) as caught:
        enter(tenant, username, "a wrong password")
    return str(caught.value)


@pytest.mark.requirement("AZ-16")
@three_attempts
@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_guesses_at_one_username_are_limited_whoever_it_is(tenant: Tenant, username: str) -> None:
    new_user(tenant)

    tried = outcomes(tenant, 5, username=username)

    assert tried == ["refused", "refused", "refused", "throttled", "throttled"]
    assert outcome(tenant, username, address=AWAY) == "throttled"


@three_attempts
def test_guesses_that_are_made_at_the_same_time_count_too(tenant: Tenant) -> None:
    new_user(tenant)
    barrier = threading.Barrier(12)

    def guess(number: int) -> str:
        barrier.wait(10)
        password, address = f"guess number {number}", f"203.0.113.{number}"
        # Those are not counted who are sent away because two are at it.
        while (came_of_it := outcome(tenant, password=password, address=address)) == "sent away":
            time.sleep(0.001)
        return came_of_it

    with ThreadPoolExecutor(12) as threads:
        tried = sorted(threads.map(guess, range(12)))

    assert tried == ["refused"] * 3 + ["throttled"] * 9


@three_attempts
def test_another_worker_counts_on(tenant: Tenant) -> None:
    new_user(tenant)
    other_worker = Authority.open(tenant.server.authority.settings)
    outcomes(tenant, 3)

    tried = outcome(tenant, authority=other_worker)

    other_worker.store.dispose()
    assert tried == "throttled"


@three_attempts
def test_a_window_ends_at_its_time_whatever_was_tried_in_it(tenant: Tenant) -> None:
    new_user(tenant)
    clock.set(NOW)
    outcomes(tenant, 1)
    clock.set(NOW + WINDOW_SECONDS - 1)
    outcomes(tenant, 2)

    with pytest.raises(SignInThrottled) as caught:
        enter(tenant)
    clock.set(NOW + WINDOW_SECONDS)

    assert caught.value.retry_after_seconds == 1
    assert outcome(tenant) == "in"


@three_attempts
def test_a_success_forgets_the_failures_before_it(tenant: Tenant) -> None:
    new_user(tenant)
    outcomes(tenant, 2)
    enter(tenant)

    tried = outcomes(tenant, 4, address=AWAY)

    assert tried == ["refused", "refused", "refused", "throttled"]


@pytest.mark.settings(sign_in_attempts_per_address=3)
@pytest.mark.parametrize(
    ("address", "near"),
    [(HOME, HOME), (HOME, f"::ffff:{HOME}"), ("2001:db8::1", "2001:db8::ffff:2")],
    ids=["the same", "the same written as IPv6", "the same /64"],
)
def test_guesses_from_one_address_are_limited_whoever_they_are_at(
    tenant: Tenant, address: str, near: str
) -> None:
    new_user(tenant)
    tried = [outcome(tenant, f"user-{number}", address=address) for number in range(3)]

    last = outcome(tenant, address=near)

    assert tried == ["refused"] * 3
    assert last == "throttled"
    assert outcome(tenant, address=AWAY) == "in"


@pytest.mark.settings(sign_in_attempts_per_address=2)
def test_who_signs_in_uses_up_nothing_of_the_address(tenant: Tenant) -> None:
    entered = [outcome(tenant, new_user(tenant, f"user-{number}")) for number in range(3)]

    assert entered == ["in", "in", "in"]


@pytest.mark.settings(sign_in_attempts_per_address=1)
def test_where_the_address_is_not_known_only_the_username_counts(tenant: Tenant) -> None:
    tried = [outcome(tenant, f"user-{number}", address="") for number in range(3)]

    assert tried == ["refused"] * 3


@three_attempts
def test_a_stranger_keeps_nobody_out_of_where_they_have_signed_in(tenant: Tenant) -> None:
    new_user(tenant)
    enter(tenant, address=HOME)
    outcomes(tenant, 4, address=AWAY)

    entered = outcome(tenant, address=HOME)

    assert entered == "in"
    assert outcome(tenant, address=AWAY) == "throttled"


@three_attempts
def test_a_familiar_address_has_no_more_guesses_than_a_strange_one(tenant: Tenant) -> None:
    new_user(tenant)
    enter(tenant, address=HOME)

    tried = outcomes(tenant, 4, address=HOME)

    assert tried == ["refused", "refused", "refused", "throttled"]


@three_attempts
def test_an_address_is_familiar_for_a_month(tenant: Tenant) -> None:
    new_user(tenant)
    clock.set(NOW)
    enter(tenant, address=HOME)
    clock.set(NOW + MONTH_SECONDS)
    outcomes(tenant, 3, address=AWAY)

    assert outcome(tenant, address=HOME) == "throttled"


@three_attempts
def test_a_new_password_makes_every_address_strange_and_forgets_the_failures(tenant: Tenant) -> None:
    new_user(tenant)
    enter(tenant, address=HOME)
    outcomes(tenant, 3, address=AWAY)

    users.set_password(tenant.server.authority, tenant.record, "alice", "a new password", actor="test")

    assert outcomes(tenant, 3, address=AWAY) == ["refused"] * 3
    assert outcome(tenant, password="a new password", address=HOME) == "throttled"


@pytest.mark.settings(sign_in_attempts_per_address=3)
def test_a_new_password_is_let_in_from_an_address_from_which_more_is_refused(tenant: Tenant) -> None:
    new_user(tenant)
    new_user(tenant, "bob")
    for number in range(3):
        outcome(tenant, f"user-{number}")

    before = outcome(tenant)
    users.set_password(tenant.server.authority, tenant.record, "alice", "a new password", actor="test")

    assert before == "throttled"
    assert outcome(tenant, password="a new password") == "in"
    assert outcome(tenant, "bob") == "throttled"


@pytest.mark.settings(sign_in_attempts_per_address=3, sign_in_attempts=4)
def test_who_guesses_from_there_learns_of_no_new_password_and_has_no_more_guesses(tenant: Tenant) -> None:
    new_user(tenant)
    clock.set(NOW)
    users.set_password(tenant.server.authority, tenant.record, "alice", "a new password", actor="test")
    for number in range(3):
        outcome(tenant, f"user-{number}")

    clock.set(NOW + 300)
    answers = {answer(tenant, username) for username in ("alice", "nobody") for _ in range(6)}

    assert len(answers) == 1
    assert "Try again in 10 minutes." in answers.pop()
    assert outcome(tenant, password="a new password") == "throttled"


@pytest.mark.settings(sign_in_attempts_per_address=3, sign_in_window_seconds=86_400)
def test_a_new_password_is_let_in_so_for_an_hour(tenant: Tenant) -> None:
    clock.set(NOW)
    new_user(tenant)
    for number in range(3):
        outcome(tenant, f"user-{number}")
    users.set_password(tenant.server.authority, tenant.record, "alice", "a new password", actor="test")

    clock.set(NOW + 3600)

    assert outcome(tenant, password="a new password") == "throttled"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (900, "15 minutes"),
        (3600, "60 minutes"),
        (3601, "2 hours"),
        (86_400, "24 hours"),
    ],
)
def test_a_lock_out_says_for_how_long_and_what_to_do(seconds: int, words: str) -> None:
    told = str(SignInThrottled(seconds, "address"))

    assert f"Try again in {words}." in told
    assert "with a new password" in told


@three_attempts
def test_the_counters_of_one_tenant_are_not_those_of_another(tenant: Tenant, other_tenant: Tenant) -> None:
    new_user(other_tenant)
    outcomes(tenant, 4)

    assert outcome(other_tenant) == "in"


def test_counters_are_purged_when_their_window_is_over(own_url: str, tmp_path: Path) -> None:
    clock.set(NOW)
    with serving(own_url, tmp_path, refresh_grace_seconds=0, sign_in_window_seconds=WINDOW_SECONDS) as server:
        tenant = server.new_tenant()
        outcome(tenant)
        counted = counters(tenant)

        clock.set(NOW + WINDOW_SECONDS + KEPT_SECONDS - 1)
        early = list(purging.purge(server.authority))
        clock.set(NOW + WINDOW_SECONDS + KEPT_SECONDS)
        late = list(purging.purge(server.authority))

        assert (counted, early) == (2, [])
        assert [(batch.table, batch.rows) for batch in late] == [("sign_in_attempts", 2)]
        assert counters(tenant) == 0
