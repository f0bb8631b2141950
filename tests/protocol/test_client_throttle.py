"""Failed client authentication is throttled by client and address, and keeps no client from a revocation."""

import logging
from dataclasses import replace

import pytest

from rescind.domain import clock
from tests.hot_requests import sent
from tests.protocol.assertions import TYPE, Asserting
from tests.protocol.callers import AWAY, HERE, WRONG, Caller
from tests.servers import CALLBACK, VERIFIER, Client, Tenant, error_of

NOW = 1_800_000_000
ALLOWED = 20


@pytest.fixture(autouse=True)
def stopped() -> None:
    """Stop the clock, so that nothing is forgiven."""
    clock.set(NOW)


@pytest.fixture
def caller(client: Client) -> Caller:
    """Give a client at an address where it was never seen, and somebody has guessed as much as is allowed."""
    caller = Caller(client)
    assert caller.guess(ALLOWED) == [401] * ALLOWED
    return caller


@pytest.mark.parametrize("endpoint", ["revoke", "introspect", "token"])
def test_rfc6585_s4_beyond_a_number_of_failures_the_answer_says_when_to_come_back(
    caller: Caller, endpoint: str
) -> None:
    reply = caller.post(endpoint, replace(caller.client, secret=WRONG).basic, token="unknown")

    assert (reply.status_code, error_of(reply)) == (429, "temporarily_unavailable")
    assert reply.headers["Retry-After"] == "1"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_guess_that_is_right_is_not_told_from_a_wrong_one(caller: Caller, method: str) -> None:
    client = caller.client
    form = {"client_id": client.client_id, "client_secret": str(client.secret)} if method == "post" else {}
    basic = client.basic if method == "basic" else None

    right = caller.post("introspect", basic, token="unknown", **form)
    wrong = caller.post("introspect", replace(client, secret=WRONG).basic, token="unknown")

    assert (right.status_code, right.content) == (wrong.status_code, wrong.content)
    assert right.status_code == 429


def test_a_client_that_is_not_there_is_answered_alike(tenant: Tenant) -> None:
    nobody = Caller(Client(tenant, "nobody", "a secret of nobody"))

    assert nobody.guess(ALLOWED + 2) == [401] * ALLOWED + [429, 429]


def test_elsewhere_the_client_is_not_throttled(caller: Caller) -> None:
    reply = Caller(caller.client, AWAY).send("token", grant_type="client_credentials")

    assert reply.status_code == 200


def test_of_ipv6_a_whole_network_is_one_address(client: Client) -> None:
    guesses = [Caller(client, f"2001:db8::{number}").guess() for number in range(1, ALLOWED + 2)]

    assert guesses == [[401]] * ALLOWED + [[429]]
    assert Caller(client, "2001:db8:0:1::1").guess() == [401]


def test_another_client_there_and_one_of_the_name_elsewhere_are_not_throttled(
    caller: Caller, mallory: Client, other_tenant: Tenant
) -> None:
    namesake = other_tenant.new_client(client_id=caller.client.client_id)

    assert Caller(mallory).send("introspect", token="unknown").status_code == 200
    assert Caller(namesake).send("introspect", token="unknown").status_code == 200


@pytest.mark.requirement("REV-01")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_nobody_who_guesses_keeps_a_client_from_revoking_what_is_its_own(
    caller: Caller, resource_server: Client, kind: str
) -> None:
    issued = caller.client.issue()
    assert resource_server.is_active(issued.access_token)
    caller.guess(50, "revoke")

    reply = caller.send("revoke", token=str(getattr(issued, kind)))

    assert reply.status_code == 200
    assert not resource_server.is_active(issued.access_token)


def test_nor_from_its_own_refresh_tokens_and_codes(caller: Caller) -> None:
    refresh_token, code = str(caller.client.issue().refresh_token), caller.client.mint_code()
    caller.guess(50)

    refreshed = caller.send("token", grant_type="refresh_token", refresh_token=refresh_token)
    redeemed = caller.send(
        "token", grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER
    )

    assert (refreshed.status_code, redeemed.status_code) == (200, 200)


def test_a_token_of_another_speaks_for_nobody(caller: Caller, mallory: Client) -> None:
    token = mallory.issue().access_token
    assert mallory.is_active(token)

    reply = caller.send("introspect", token=token)

    assert reply.status_code == 429


def test_where_its_secret_was_right_before_a_client_goes_on_whoever_guesses_there(client: Client) -> None:
    caller = Caller(client)
    assert caller.send("introspect", token="unknown").status_code == 200
    guesses = caller.guess(50)

    replies = [caller.send("introspect", token="unknown") for _ in range(3)]
    replies.append(caller.send("token", grant_type="client_credentials"))

    assert guesses == [401] * ALLOWED + [429] * (50 - ALLOWED)
    assert [reply.status_code for reply in replies] == [200] * 4


def test_a_failure_is_forgiven_each_second(caller: Caller) -> None:
    clock.set(NOW + 2)

    assert caller.guess(4) == [401, 401, 429, 429]


def test_what_is_refused_beyond_makes_nobody_wait_longer(caller: Caller) -> None:
    caller.guess(100)
    clock.set(NOW + 1)

    assert caller.send("introspect", token="unknown").status_code == 200


def test_a_clock_that_is_set_back_holds_nobody_back_for_longer(caller: Caller) -> None:
    clock.set(NOW - 1000)
    assert caller.guess() == [429]
    clock.set(NOW - 999)

    assert caller.send("introspect", token="unknown").status_code == 200


def test_a_public_client_has_nothing_to_guess_and_is_never_held_back(
    public_client: Client, resource_server: Client
) -> None:
    caller = Caller(public_client)
    token = public_client.issue().access_token
    assert resource_server.is_active(token)

    guesses = caller.guess(ALLOWED + 1)

    assert guesses[-1] == 429
    assert caller.send("revoke", token="unknown").status_code == 200
    assert caller.send("revoke", token=token).status_code == 200
    assert not resource_server.is_active(token)


def test_an_assertion_has_nothing_to_guess_and_is_never_held_back(tenant: Tenant) -> None:
    asserting = Asserting.register(tenant)
    caller = Caller(asserting.client)
    shown = {"client_assertion_type": TYPE, "token": "unknown"}

    statuses = [
        caller.post("revoke", client_assertion=asserting.assertion(aud="https://other.example"), **shown)
        for _ in range(ALLOWED + 1)
    ]

    assert [reply.status_code for reply in statuses] == [401] * ALLOWED + [429]
    reply = caller.post("revoke", client_assertion=asserting.assertion(), **shown)
    assert reply.status_code == 200


def test_who_names_no_client_guesses_nothing(client: Client) -> None:
    replies = [Caller(client).post("introspect", "Basic ???", token="unknown") for _ in range(ALLOWED + 2)]

    assert {reply.status_code for reply in replies} == {401}


def test_a_failure_writes_nothing(client: Client) -> None:
    caller = Caller(client)
    caller.guess()

    with sent() as statements:
        caller.guess(ALLOWED + 5)

    assert len(statements) == ALLOWED + 5
    assert [each for each in statements if "INSERT" in each or "UPDATE" in each or "BEGIN" in each] == []


def test_it_is_told_once_and_without_a_secret(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("rescind")
    logger.addHandler(caplog.handler)
    try:
        Caller(client).guess(ALLOWED + 5)
        Caller(Client(client.tenant, "nobody", None), HERE).guess(ALLOWED + 5)
    finally:
        logger.removeHandler(caplog.handler)

    told = [each for each in caplog.records if each.levelno == logging.WARNING]
    about = [(each.message, getattr(each, "tenant", None), getattr(each, "client", None)) for each in told]
    name = client.tenant.name
    assert about == [
        ("client authentication throttled", name, client.client_id),
        ("client authentication throttled", name, None),
    ]
