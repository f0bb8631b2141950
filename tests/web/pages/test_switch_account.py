"""The consent page's way to another account: signed out here, and asked to sign in for the same request."""

from collections.abc import Callable

import pytest

from rescind.domain.people import users
from rescind.domain.registry import clients
from tests.protocol.id_tokens import verified
from tests.servers import Client
from tests.web.pages.asking import STATE, account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

pytestmark = pytest.mark.usefixtures("cheap_hashes")
SESSION = "rescind_session"


@pytest.fixture
def bob(client: Client) -> str:
    """Make bob a user of the tenant, with a password."""
    users.create(client.tenant.server.authority, client.tenant.record, "bob", PASSWORD)
    return "bob"


def test_whoever_signs_in_next_answers_the_same_request(alices: Browser, client: Client, bob: str) -> None:
    page = ask(alices, client, nonce="n")

    sign_in = alices.send(page.form("/switch-account"))
    answered = alices.send(alices.sign_in(sign_in, "bob").form("/consent"), "allow")

    claims = verified(client.tenant, tokens_of(client, answered)["id_token"]).claims
    assert (claims["sub"], claims["nonce"]) == ("bob", "n")
    assert answered.answer["state"] == STATE
    assert sign_in.form("/sign-in").fields["username"] == ""


def test_every_parameter_goes_along(alices: Browser, client: Client, alice: str) -> None:
    changes = {"prompt": "consent", "response_mode": "form_post", "nonce": "n & n", "scope": "notes"}
    page = ask(alices, client, login_hint="alice", **changes)

    sign_in = alices.send(page.form("/switch-account"))
    answered = alices.send(alices.sign_in(sign_in).form("/consent"), "allow")

    assert answered.forms[0].fields["state"] == STATE
    assert client.exchange(answered.forms[0].fields["code"]).json()["scope"] == "notes"
    assert sign_in.form("/sign-in").fields["username"] == ""


def test_who_was_there_is_signed_out_with_all_that_was_granted_in_the_session(
    alices: Browser, new_browser: Callable[[], Browser], client: Client, resource_server: Client
) -> None:
    tokens = tokens_of(client, allowed(alices, client))
    thief = new_browser()
    value = alices.cookie(SESSION)
    thief.http.cookies.set(SESSION, value, domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    alices.send(ask(alices, client, prompt="consent").form("/switch-account"))

    assert alices.cookie(SESSION) == ""
    assert thief.open(account_of(client.tenant)).form("/sign-in")
    assert not resource_server.is_active(tokens["access_token"])


def test_it_leaves_the_other_sessions_of_the_person(
    alices: Browser, new_browser: Callable[[], Browser], client: Client, resource_server: Client
) -> None:
    phone = signed_in(new_browser(), client.tenant)
    tokens = tokens_of(client, allowed(phone, client))

    alices.send(ask(alices, client, prompt="consent").form("/switch-account"))

    assert resource_server.is_active(tokens["access_token"])
    assert "<strong>alice</strong>" in phone.open(account_of(client.tenant)).text


def test_the_consent_form_of_before_is_worth_nothing_afterwards(
    alices: Browser, client: Client, alice: str
) -> None:
    page = ask(alices, client)
    alices.sign_in(alices.send(page.form("/switch-account")))

    sent = alices.send(page.form("/consent"), "allow")

    assert sent.status == 400
    assert sent.left_for == ""


def test_of_a_request_that_is_not_allowed_any_more_nothing_is_left(alices: Browser, client: Client) -> None:
    page = ask(alices, client)
    authority, record = client.tenant.server.authority, client.tenant.record
    clients.update(authority, record, client.client_id, redirect_uris=["https://client.example/new"])

    sent = alices.send(page.form("/switch-account"))

    assert sent.status == 400
    assert "<strong>alice</strong>" in alices.open(account_of(client.tenant)).text


def test_it_needs_no_script_and_no_other_client(alices: Browser, client: Client) -> None:
    page = ask(alices, new_client(client.tenant))

    assert page.form("/switch-account").buttons[0]["type"] == "submit"
    assert "<script" not in page.text
