"""Whose turn it is in the outbox: receivers are served side by side, whoever keeps silent."""

import threading
from collections.abc import Iterator

import pytest

from rescind.domain import clock
from rescind.domain.revoking import deliveries, rounds
from rescind.domain.revoking.deliveries import Answer, Letter, Outcome
from rescind.store import deliveries as delivery_rows
from rescind.store import transactions
from rescind.web.serving import backchannel
from tests.domain.revoking.logouts import (
    NOW,
    deliver,
    listening_client,
    sign_in_and_out,
    sign_in_to,
    sign_out,
)
from tests.protocol.id_tokens import verified
from tests.receivers import Receiver, Silent, never_answering, receiving
from tests.servers import Client, Server, Tenant

SECONDS_TO_WAIT = 30


@pytest.fixture(autouse=True)
def at_now(server: Server) -> None:
    """Stop the clock."""
    clock.set(NOW)


@pytest.fixture
def first_tenant(server: Server, tenant: Tenant) -> Tenant:
    """Give a tenant that sorts before every other."""
    return server.new_tenant(f"0-{tenant.name}")


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    """Give a server that never answers, for which nobody waits long."""
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.2)
    with never_answering() as silent:
        yield silent


def deliver_all(*tenants: Tenant) -> list[Outcome]:
    """Send what is due, and give what became of what was these tenants'."""
    names = {each.name for each in tenants}
    return [each for each in backchannel.deliver(tenants[0].server.authority) if each.tenant in names]


def sids(tenant: Tenant, receiver: Receiver) -> list[str]:
    """Give the sessions of which a receiver was told, in this order."""
    return [str(verified(tenant, each).claims["sid"]) for each in receiver.tokens]


@pytest.mark.requirement("BCL-02")
def test_a_tenant_is_told_while_all_receivers_of_another_keep_silent(
    tenant: Tenant, first_tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    was_told = threading.Event()
    receiver.before_answer = was_told.set
    with receiving() as slow:
        # They answer as soon as the other was told, and are given up as silent if that takes long.
        slow.before_answer = lambda: was_told.wait(SECONDS_TO_WAIT)
        for _ in range(rounds.SLOTS + 1):
            sign_in_and_out(1, listening_client(first_tenant, slow.uri))
        sign_out(tenant, sign_in_to(listener))

        outcomes = deliver_all(tenant, first_tenant)

    assert [each.done for each in outcomes] == [True] * (rounds.SLOTS + 2)


@pytest.mark.requirement("BCL-02")
def test_what_becomes_due_while_receivers_of_another_tenant_keep_silent_is_sent_meanwhile(
    tenant: Tenant, first_tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    is_waiting, was_told = threading.Event(), threading.Event()
    receiver.before_answer = was_told.set

    def wait() -> None:
        is_waiting.set()
        was_told.wait(SECONDS_TO_WAIT)

    with receiving() as slow:
        slow.before_answer = wait
        for _ in range(rounds.SLOTS + 1):
            sign_in_and_out(1, listening_client(first_tenant, slow.uri))
        sid = sign_in_to(listener)
        signing_out = threading.Thread(
            target=lambda: is_waiting.wait(SECONDS_TO_WAIT) and sign_out(tenant, sid)
        )
        signing_out.start()

        outcomes = deliver_all(tenant, first_tenant)
        signing_out.join()

    assert [each.done for each in outcomes] == [True] * (rounds.SLOTS + 2)


@pytest.mark.requirement("BCL-02")
def test_a_receiver_gets_one_message_at_a_time_the_oldest_first(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    at_once: list[None] = []
    seen: list[int] = []

    def note() -> None:
        at_once.append(None)
        # While it is being told, another deliverer comes by.
        deliver(tenant)
        seen.append(len(at_once))
        at_once.pop()

    receiver.before_answer = note
    ended = [sign_in_to(listener) for _ in range(4)]
    for sid in ended:
        sign_out(tenant, sid)

    outcomes = deliver_all(tenant)

    assert [each.done for each in outcomes] == [True] * 4
    assert seen == [1] * 4
    assert sids(tenant, receiver) == ended


def test_of_two_deliverers_who_saw_the_same_receiver_one_gets_the_turn(
    server: Server, tenant: Tenant, listener: Client
) -> None:
    sign_in_and_out(2, listener)
    with server.authority.store.reading() as tx:
        waiting = delivery_rows.waiting(tx, most_of_tenant=1)
    (seen,) = (each for each in waiting if each.client_id == listener.client_id)
    others: list[object] = []

    def send(letter: Letter) -> Answer:
        others.append(deliveries.take_turn(server.authority, seen, lambda letter: Answer.TAKEN))
        return Answer.TAKEN

    turn = deliveries.take_turn(server.authority, seen, send)

    assert turn is not None
    assert others == [None]


@pytest.mark.requirement("BCL-02")
def test_a_silent_receiver_is_left_alone_for_a_while_whatever_else_there_is_for_it(
    tenant: Tenant, silent: Silent
) -> None:
    deaf = listening_client(tenant, silent.uri)
    first, second, third = (sign_in_to(deaf) for _ in range(3))
    sign_out(tenant, first)
    sign_out(tenant, second)

    at_first = deliver(tenant)
    sign_out(tenant, third)
    too_early = deliver(tenant, at=NOW + deliveries.FIRST_RETRY_SECONDS - 1)
    tried = silent.count_connections()
    again = deliver(tenant, at=NOW + deliveries.FIRST_RETRY_SECONDS)

    assert [(each.attempts, each.next_at) for each in at_first] == [(1, NOW + 5)] * 2
    assert too_early == []
    assert tried == 1
    assert [(each.attempts, each.next_at) for each in again] == [(2, NOW + 15), (2, NOW + 15), (1, NOW + 15)]
    assert silent.count_connections() == 1


def test_a_receiver_that_answers_again_gets_all_in_the_order_of_time(
    tenant: Tenant, listener: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_up = threading.Event()
    receiver.before_answer = lambda: is_up.wait(SECONDS_TO_WAIT)
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.2)
    ended = [sign_in_to(listener) for _ in range(3)]
    sign_out(tenant, ended[0])
    assert [each.done for each in deliver(tenant)] == [False]
    for sid in ended[1:]:
        sign_out(tenant, sid)

    monkeypatch.setattr(backchannel, "SEND_SECONDS", 5.0)
    is_up.set()
    receiver.forms.clear()
    outcomes = deliver(tenant, at=NOW + deliveries.FIRST_RETRY_SECONDS)

    assert [each.done for each in outcomes] == [True] * 3
    assert sids(tenant, receiver) == ended


def test_a_message_that_is_refused_holds_up_no_other_of_its_receiver(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    receiver.answer(400)
    sign_in_and_out(2, listener)

    outcomes = deliver(tenant)

    assert [each.done for each in outcomes] == [False, True]


@pytest.mark.requirement("BCL-02")
def test_a_receiver_that_never_answers_is_given_up_after_as_many_tries_for_all_that_was_due(
    tenant: Tenant, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.05)
    sign_in_and_out(2, listening_client(tenant, silent.uri))

    outcomes = deliver(tenant)
    while outcomes[-1].next_at is not None:
        outcomes += deliver(tenant, at=outcomes[-1].next_at)

    assert [each.attempts for each in outcomes[-2:]] == [deliveries.MOST_ATTEMPTS] * 2
    assert len(outcomes) == 2 * deliveries.MOST_ATTEMPTS
    assert silent.count_connections() == deliveries.MOST_ATTEMPTS


def test_to_ask_what_is_due_is_one_statement_where_nothing_is(tenant: Tenant) -> None:
    deliver_all(tenant)
    sent: list[str] = []
    watch = lambda dialect, text: sent.append(text)  # noqa: E731
    transactions.watchers.append(watch)
    try:
        deliver_all(tenant)
    finally:
        transactions.watchers.remove(watch)

    assert len(sent) == 1
