"""How many passwords are looked at in a process at once, and what the others are told."""

import contextlib
import time
from statistics import median

import pytest
from argon2 import PasswordHasher, extract_parameters

from rescind.domain.people import passwords
from rescind.domain.people.hashing import Turns
from rescind.errors import TooBusy
from rescind.store import transactions
from tests.cli.shell import on_sqlite
from tests.domain.people.signing_in import new_user, outcome, outcomes
from tests.servers import Tenant


@pytest.mark.parametrize(
    ("threads", "at_once"),
    [(1, 1), (4, 1), (7, 1), (8, 2), (200, 2)],
    ids=["one thread", "four", "seven", "eight", "many"],
)
def test_a_quarter_of_the_threads_at_most_looks_at_passwords(threads: int, at_once: int) -> None:
    turns = Turns(2)

    def taken_together() -> int:
        taken = 0
        with contextlib.ExitStack() as held, contextlib.suppress(TooBusy):
            while taken <= threads:
                held.enter_context(turns.taken(threads))
                taken += 1
        return taken

    assert taken_together() == at_once
    assert taken_together() == at_once


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.settings(sign_in_attempts=3)
def test_who_was_sent_away_because_others_were_at_it_has_not_failed(tenant: Tenant) -> None:
    new_user(tenant)
    with passwords.turn(8), passwords.turn(8):
        sent_away = outcomes(tenant, 4)

    assert sent_away == ["sent away"] * 4
    assert outcome(tenant) == "in"


@pytest.mark.usefixtures("cheap_hashes")
def test_who_signs_in_is_one_of_the_quarter_until_the_session_is_there(tenant: Tenant) -> None:
    new_user(tenant)
    came_of_it: list[str] = []

    def try_it(dialect: str, statement: str) -> None:
        if "INSERT INTO" in statement and "sessions" in statement:
            try:
                with passwords.turn(8), passwords.turn(8):
                    came_of_it.append("both")
            except TooBusy:
                came_of_it.append("one")

    transactions.after_watchers.append(try_it)
    try:
        entered = outcome(tenant)
    finally:
        transactions.after_watchers.remove(try_it)

    assert entered == "in"
    assert came_of_it == ["one"]


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.settings(pool_size=4)
def test_where_few_threads_serve_one_looks_at_passwords(tenant: Tenant) -> None:
    new_user(tenant)

    with passwords.turn(4):
        sent_away = outcome(tenant)

    assert sent_away == "sent away"
    assert outcome(tenant) == "in"


@on_sqlite
@pytest.mark.settings(sign_in_attempts=100, sign_in_attempts_per_address=100)
def test_the_first_who_is_nobody_is_refused_by_no_more_work_than_others(tenant: Tenant) -> None:
    new_user(tenant)

    def work_seconds(username: str) -> float:
        # Of all processors, so that others on this machine do not count.
        passwords._dummy.cache_clear()
        began = time.process_time()
        assert outcome(tenant, username, "a wrong password") == "refused"
        return time.process_time() - began

    of_alice, of_nobody = (median(work_seconds(who) for _ in range(3)) for who in ("alice", "nobody"))

    assert 0.6 * of_alice < of_nobody < 1.6 * of_alice
    assert extract_parameters(passwords._dummy()) == extract_parameters(PasswordHasher().hash("x"))
