"""How often a sign-in may be tried, by username and by address, whichever worker is asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask
import pytest
from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.domain.authority import Authority
from rescind.domain.people import passwords, users
from rescind.domain.people.hashing import Turns
from rescind.errors import SignInThrottled
from rescind.store.granting import KEPT_SECONDS
from rescind.store.tables import sign_in_attempts
from tests.cli.shell import on_sqlite
from tests.domain.people.signing_in import (
    AWAY,
    HOME,
    cheap_hashes,
    enter,
    new_user,
    outcome,
    outcomes,
)
from tests.patience import LONG_SECONDS, wait_until
from tests.servers import Server, Tenant
from tests.store.apart import serving

__all__ = ["cheap_hashes"]

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
        return outcome(tenant, password=f"guess number {number}", address=f"203.0.113.{number}")

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


@on_sqlite
@pytest.mark.settings(trusted_proxies=1)
def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(server: Server) -> None:
    assert server.app is not None
    headers = {"X-Forwarded-For": f"203.0.113.1, {AWAY}", "X-Forwarded-Host": "evil.example"}

    with server.app.test_client() as browser:
        browser.get("/healthz", headers=headers)

        assert flask.request.remote_addr == AWAY
        assert flask.request.host == "localhost"


@on_sqlite
def test_without_a_proxy_nobody_chooses_an_address(server: Server) -> None:
    assert server.app is not None

    with server.app.test_client() as browser:
        browser.get("/healthz", headers={"X-Forwarded-For": AWAY})

        assert flask.request.remote_addr == "127.0.0.1"


def test_a_process_that_is_too_busy_says_so_and_goes_on_afterwards() -> None:
    turns = Turns(2, waiting=1, wait_seconds=0.05)

    with turns.taken(), turns.taken(), pytest.raises(SignInThrottled) as caught, turns.taken():
        pass

    with turns.taken():
        assert caught.value.retry_after_seconds == 1


def test_of_those_who_find_a_process_busy_only_a_few_wait() -> None:
    turns = Turns(1, waiting=1, wait_seconds=LONG_SECONDS)
    came_of_it: list[str] = []

    def try_it() -> None:
        try:
            with turns.taken():
                came_of_it.append("in")
        except SignInThrottled:
            came_of_it.append("sent away")

    with ThreadPoolExecutor(3) as threads, turns.taken():
        for _ in range(3):
            threads.submit(try_it)
        wait_until(lambda: len(came_of_it) == 2)

    assert came_of_it == ["sent away", "sent away", "in"]


@pytest.mark.settings(sign_in_attempts=3)
def test_who_was_sent_away_because_others_were_at_it_has_not_failed(tenant: Tenant) -> None:
    new_user(tenant)
    with passwords.turn(8), passwords.turn(8):
        sent_away = outcomes(tenant, 4)

    assert sent_away == ["throttled"] * 4
    assert outcome(tenant) == "in"
