"""OpenID Connect Core section 3.1.2.1: `id_token_hint` says whom the client wants."""

from collections.abc import Callable

import pytest

from rescind.domain import clock
from rescind.domain.people import users
from tests.servers import Client, Tenant
from tests.web.pages.asking import STATE, allowed, ask, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

pytestmark = pytest.mark.usefixtures("cheap_hashes")
NOW = 1_800_000_000


def id_token(browser: Browser, client: Client) -> str:
    """Let who is signed in allow the client something, and give what it gets to know of it."""
    return tokens_of(client, allowed(browser, client))["id_token"]


def test_who_is_meant_and_signed_in_is_let_through(alices: Browser, client: Client) -> None:
    hint = id_token(alices, client)

    page = ask(alices, client, id_token_hint=hint, prompt="none")

    assert tokens_of(client, page)["scope"] == "openid notes"


def test_the_hint_may_have_expired(browser: Browser, client: Client, alice: str) -> None:
    clock.set(NOW)
    browser.sign_in(ask(browser, client))
    hint = id_token(browser, client)
    clock.set(NOW + 20_000)

    page = ask(browser, client, id_token_hint=hint, prompt="none")

    assert "code" in page.answer


def test_with_prompt_none_another_person_is_login_required(
    alices: Browser, mallorys: Browser, client: Client
) -> None:
    hint = id_token(mallorys, client)
    id_token(alices, client)

    page = ask(alices, client, id_token_hint=hint, prompt="none")

    assert page.answer["error"] == "login_required"
    assert page.answer["state"] == STATE
    assert "code" not in page.answer


def test_otherwise_the_one_who_is_meant_is_asked_to_sign_in(
    mallorys: Browser, alices: Browser, client: Client, alice: str
) -> None:
    hint = id_token(alices, client)

    page = ask(mallorys, client, id_token_hint=hint)
    answered = mallorys.sign_in(page)

    assert page.form("/sign-in").fields["username"] == "alice"
    assert "code" in answered.answer


def test_who_then_signs_in_as_another_gives_the_client_nothing(
    browser: Browser, mallorys: Browser, client: Client, alice: str
) -> None:
    hint = id_token(mallorys, client)

    page = browser.sign_in(ask(browser, client, id_token_hint=hint))

    assert page.answer["error"] == "login_required"
    assert page.answer["iss"] == client.tenant.issuer
    assert "code" not in page.answer


def test_the_form_to_sign_in_can_not_be_made_to_forget_the_hint(
    browser: Browser, mallorys: Browser, client: Client, alice: str
) -> None:
    users.create(client.tenant.server.authority, client.tenant.record, "mallory", PASSWORD)
    hint = id_token(mallorys, client)
    wrong = browser.sign_in(ask(browser, client, id_token_hint=hint), "mallory", "a wrong password")

    page = browser.sign_in(wrong, "alice")

    assert page.answer["error"] == "login_required"


def garbage(alices: Browser, client: Client, other: Tenant) -> str:
    return "rubbish"


def unsigned(alices: Browser, client: Client, other: Tenant) -> str:
    head, body, _ = id_token(alices, client).split(".")
    return f"{head}.{body}."


def access_token(alices: Browser, client: Client, other: Tenant) -> str:
    return tokens_of(client, allowed(alices, client))["access_token"]


def of_another_client(alices: Browser, client: Client, other: Tenant) -> str:
    return id_token(alices, new_client(client.tenant))


def of_another_tenant(alices: Browser, client: Client, other: Tenant) -> str:
    twin = new_client(other, client_id=client.client_id)
    reply = twin.exchange(twin.mint_code("alice", ("openid",)))
    return str(reply.json()["id_token"])


@pytest.mark.parametrize(
    "make",
    [garbage, unsigned, access_token, of_another_client, of_another_tenant],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("prompt", [None, "none"])
def test_what_is_no_id_token_of_this_client_is_invalid_request(
    alices: Browser,
    client: Client,
    other_tenant: Tenant,
    make: Callable[[Browser, Client, Tenant], str],
    prompt: str | None,
) -> None:
    hint = make(alices, client, other_tenant)

    page = ask(alices, client, id_token_hint=hint, prompt=prompt)

    assert page.answer["error"] == "invalid_request"
    assert page.answer["state"] == STATE
    assert "code" not in page.answer


def test_who_was_named_can_not_be_changed_on_the_consent_page(alices: Browser, client: Client) -> None:
    hint = id_token(alices, client)

    page = ask(alices, client, id_token_hint=hint, prompt="consent")

    assert [form.action.rpartition("/")[2] for form in page.forms] == ["consent"]
