"""The outbox of logout tokens: sent at least once, by whoever delivers, and waited for by nobody."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rescind.domain.registry import tenants
from rescind.domain.revoking import deliveries, rounds
from rescind.domain.revoking.deliveries import Answer, Letter
from rescind.errors import SettingsError
from rescind.web.serving import backchannel
from tests.domain.revoking.logouts import (
    NOW,
    deliver,
    deliver_to_the_end,
    listening_client,
    sign_in_and_out,
    sign_in_to,
    sign_out,
)
from tests.protocol.id_tokens import lose_signing_key, verified
from tests.receivers import Receiver, Silent, never_answering
from tests.servers import Client, Server, Tenant

DAY_SECONDS = 86_400


class KilledError(BaseException):
    """Ends a deliverer wherever it is."""


@pytest.fixture
def silent() -> Iterator[Silent]:
    """Give a server that never answers."""
    with never_answering() as silent:
        yield silent


@pytest.fixture
def speechless_tenant(server: Server, tenant: Tenant) -> Iterator[Tenant]:
    """Give a tenant that can't sign, and sorts before every other; it is closed afterwards."""
    speechless = server.new_tenant(f"0-{tenant.name}")
    lose_signing_key(speechless)
    yield speechless
    tenants.disable(server.authority, speechless.name, actor="operator:test")


@pytest.mark.requirement("BCL-02")
@pytest.mark.parametrize("status", [200, 204])
def test_s2_5_a_logout_token_that_was_taken_is_posted_once(
    tenant: Tenant, listener: Client, receiver: Receiver, status: int
) -> None:
    receiver.answer(status)
    sign_out(tenant, sign_in_to(listener))

    first, second = deliver(tenant), deliver(tenant, at=NOW + DAY_SECONDS)

    assert [(each.client_id, each.done) for each in first] == [(listener.client_id, True)]
    assert second == []
    assert receiver.media_types == ["application/x-www-form-urlencoded"]
    assert [set(form) for form in receiver.forms] == [{"logout_token"}]


@pytest.mark.requirement("BCL-02")
@pytest.mark.parametrize("status", [400, 404, 500, 501, 302])
def test_s2_8_one_that_was_not_taken_is_sent_again_a_little_later(
    tenant: Tenant, listener: Client, receiver: Receiver, status: int
) -> None:
    receiver.headers["Location"] = f"{receiver.uri}-elsewhere"
    receiver.answer(status)
    sign_out(tenant, sign_in_to(listener))

    first = deliver(tenant)
    too_early = deliver(tenant, at=NOW + 4)
    second = deliver(tenant, at=NOW + 5)

    assert [(each.done, each.next_at) for each in first] == [(False, NOW + 5)]
    assert too_early == []
    assert [each.done for each in second] == [True]
    assert receiver.paths == ["/logged-out", "/logged-out"]


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (33, 3600)]
)
def test_each_retry_waits_twice_as_long_up_to_an_hour(attempts: int, seconds: int) -> None:
    waiting = deliveries.retry_after_seconds(attempts)

    assert waiting == seconds


@pytest.mark.requirement("BCL-02")
def test_it_is_given_up_after_a_day_of_trying(tenant: Tenant, listener: Client, receiver: Receiver) -> None:
    receiver.answer(*[500] * 100)
    sign_out(tenant, sign_in_to(listener))

    outcomes = deliver_to_the_end(tenant)
    afterwards = deliver(tenant, at=NOW + 300 * DAY_SECONDS)

    assert outcomes[-2].next_at == pytest.approx(NOW + DAY_SECONDS, abs=3600)
    assert [each.done for each in outcomes] == [False] * len(outcomes)
    assert afterwards == []


def test_nothing_is_given_up_while_nobody_delivers(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    sign_out(tenant, sign_in_to(listener))

    late = deliver(tenant, at=NOW + 300 * DAY_SECONDS)

    assert [each.done for each in late] == [True]
    assert len(receiver.tokens) == 1


@pytest.mark.requirement("BCL-02")
def test_a_deliverer_that_dies_between_the_post_and_the_mark_has_it_sent_again(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    def send_and_die(letter: Letter) -> Answer:
        backchannel.send(tenant.server.authority, letter)
        raise KilledError

    sign_out(tenant, sign_in_to(listener))
    with pytest.raises(KilledError):
        list(rounds.deliver_due(tenant.server.authority, send_and_die))

    at_once = deliver(tenant)
    later = deliver(tenant, at=NOW + deliveries.CLAIM_SECONDS)

    assert at_once == []
    assert [each.done for each in later] == [True]
    assert len(receiver.tokens) == 2


def test_two_deliverers_at_once_send_it_once(tenant: Tenant, listener: Client, receiver: Receiver) -> None:
    is_there, may_answer = threading.Event(), threading.Event()

    def hold() -> None:
        is_there.set()
        may_answer.wait(10)

    receiver.before_answer = hold
    sign_out(tenant, sign_in_to(listener))

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(deliver, tenant)
        is_there.wait(10)
        second = deliver(tenant)
        may_answer.set()

    assert [each.done for each in first.result()] == [True]
    assert second == []
    assert len(receiver.tokens) == 1


@pytest.mark.usefixtures("far_ahead")
@pytest.mark.requirement("BCL-02")
def test_a_logout_does_not_wait_for_a_client_that_never_answers(
    tenant: Tenant, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.1)
    deaf = listening_client(tenant, silent.uri)
    sid = sign_in_to(deaf)
    access_token = deaf.issue(session_sid=sid).access_token

    sign_out(tenant, sid)

    assert silent.count_connections() == 0
    assert not deaf.is_active(access_token)
    assert [each.done for each in deliver(tenant)] == [False]


def test_a_client_that_never_answers_is_waited_for_once_and_holds_up_no_other(
    tenant: Tenant, listener: Client, receiver: Receiver, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.1)
    deaf = listening_client(tenant, silent.uri)
    sign_in_and_out(3, deaf, listener)

    outcomes = deliver(tenant)

    assert silent.count_connections() == 1
    assert sorted((each.client_id == listener.client_id, each.done) for each in outcomes) == (
        [(False, False)] * 3 + [(True, True)] * 3
    )
    assert len(receiver.tokens) == 3


def test_a_tenant_that_can_not_sign_holds_up_no_other(
    tenant: Tenant, listener: Client, speechless_tenant: Tenant, receiver: Receiver
) -> None:
    sign_out(speechless_tenant, sign_in_to(listening_client(speechless_tenant, receiver.uri), scope="read"))
    sign_out(tenant, sign_in_to(listener))

    with pytest.raises(SettingsError, match="rescind keys rotate"):
        deliver(tenant)

    assert [verified(tenant, each).claims["aud"] for each in receiver.tokens] == [listener.client_id]


def test_what_a_tenant_has_to_tell_when_it_is_disabled_is_told_when_it_is_open_again(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    sign_out(tenant, sign_in_to(listener))
    tenants.disable(tenant.server.authority, tenant.name, actor="operator:test")

    closed = deliver(tenant)
    tenants.enable(tenant.server.authority, tenant.name)
    opened = deliver(tenant)

    assert closed == []
    assert [each.done for each in opened] == [True]
    assert len(receiver.tokens) == 1


def test_more_than_a_batch_is_sent_in_one_go(tenant: Tenant, listener: Client, receiver: Receiver) -> None:
    count = rounds.MOST_LISTED_OF_TENANT + 3
    sign_in_and_out(count, listener)

    outcomes = deliver(tenant)

    assert [each.done for each in outcomes] == [True] * count
    assert len(receiver.tokens) == count
