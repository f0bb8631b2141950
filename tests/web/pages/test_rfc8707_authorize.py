"""RFC 8707 section 2.1: what an authorization request says that its tokens are to be meant for."""

from typing import Any

import pytest

from rescind.domain.registry import clients, tenants
from tests.servers import Client, Tenant
from tests.web.pages.asking import address_of, allowed, ask, request, tokens_of
from tests.web.pages.browser import Browser

NOTES, MAIL = "https://notes.example/mcp", "https://mail.example"


@pytest.fixture
def notes(tenant: Tenant) -> Client:
    """Give a resource server that answers for both resources."""
    return tenant.new_client(is_resource_server=True, resources=[NOTES, MAIL])


def aud(notes: Client, tokens: dict[str, str]) -> Any:
    """Give the audience of an access token."""
    return notes.introspect(tokens["access_token"]).json().get("aud")


@pytest.mark.requirement("RES-01")
def test_s2_1_what_is_asked_for_goes_through_sign_in_and_consent_into_the_token(
    browser: Browser, alice: str, client: Client, notes: Client
) -> None:
    asked: Any = request(client) | {"resource": [NOTES + "/", MAIL]}

    page = browser.sign_in(browser.open(address_of(client.tenant), asked))
    shown = page.text
    page = browser.send(page.form("/consent"), "allow")

    assert f"{NOTES}/" in shown
    assert aud(notes, tokens_of(client, page)) == [NOTES + "/", MAIL]


def test_who_uses_another_account_is_asked_for_the_same_resources(
    alices: Browser, client: Client, notes: Client
) -> None:
    asked: Any = request(client) | {"resource": [NOTES, MAIL]}
    page = alices.open(address_of(client.tenant), asked)

    switched = alices.send(page.form("/switch-account"))

    assert str(switched.response.url).count("resource=") == 2


@pytest.mark.requirement("RES-01")
def test_s2_1_what_nobody_answers_for_is_told_to_the_client(alices: Browser, client: Client) -> None:
    page = ask(alices, client, resource=NOTES)

    assert page.answer["error"] == "invalid_target"
    assert "code" not in page.answer


def test_what_was_allowed_for_one_resource_is_asked_for_another(
    alices: Browser, tenant: Tenant, notes: Client
) -> None:
    client = tenant.new_client(scope="openid notes", redirect_uris=["https://client.example/callback"])
    tokens_of(client, allowed(alices, client, resource=NOTES))

    same = ask(alices, client, resource="https://NOTES.example/mcp/")
    other, none = ask(alices, client, resource=MAIL), ask(alices, client)

    assert "code" in same.answer
    assert other.form("/consent")
    assert none.form("/consent")


def test_a_tenants_default_is_shown_and_on_the_token(
    alices: Browser, tenant: Tenant, client: Client, notes: Client
) -> None:
    tenants.update(tenant.server.authority, tenant.record, {"default_resource": MAIL})

    page = ask(alices, client)

    assert MAIL in page.text
    assert aud(notes, tokens_of(client, alices.send(page.form("/consent"), "allow"))) == MAIL


def test_what_nobody_answers_for_any_more_is_not_allowed(
    alices: Browser, tenant: Tenant, client: Client, notes: Client
) -> None:
    page = ask(alices, client, resource=NOTES)
    clients.update(tenant.server.authority, tenant.record, notes.client_id, resources=[MAIL])

    page = alices.send(page.form("/consent"), "allow")

    assert page.status == 400
    assert "out of date" in page.text
