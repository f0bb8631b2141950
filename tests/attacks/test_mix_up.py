"""Mix-up (RFC 9207, RFC 9700 section 4.4): a client of two servers must see which of them has answered.

To a client each tenant is a server of its own, and one of them may be the attacker's.
"""

from html import unescape

import pytest

from tests.servers import Client, Tenant
from tests.web.pages.asking import STATE, ask, signed_in
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client

ANSWERS: dict[str, dict[str, str | None]] = {
    "login_required": {"prompt": "none"},
    "invalid_scope": {"scope": "other"},
    "unsupported_response_type": {"response_type": "token"},
    "invalid_request": {"code_challenge": None},
    "request_not_supported": {"request": "x"},
    "hint": {"id_token_hint": "x"},
}
pytestmark = pytest.mark.requirement("AZ-02")


def answer_of(page: Page) -> dict[str, str]:
    """Give the parameters that the client is sent, whichever way."""
    return page.answer or {name: unescape(value) for name, value in page.forms[0].fields.items()}


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_error_names_the_tenant_that_gave_it(
    browser: Browser, client: Client, other_tenant: Tenant, name: str, mode: str
) -> None:
    twin = new_client(other_tenant, client_id=client.client_id)

    answers = [answer_of(ask(browser, at, response_mode=mode, **ANSWERS[name])) for at in (client, twin)]

    assert [each["iss"] for each in answers] == [client.tenant.issuer, other_tenant.issuer]
    assert [each["state"] for each in answers] == [STATE, STATE]
    assert all("error" in each for each in answers)


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("button", ["allow", "deny"])
def test_every_decision_names_the_tenant_at_which_it_was_taken(
    alices: Browser, client: Client, other_tenant: Tenant, button: str, mode: str
) -> None:
    twin = new_client(other_tenant, client_id=client.client_id)
    signed_in(alices, other_tenant)
    forms = [ask(alices, at, response_mode=mode).form("/consent") for at in (client, twin)]

    answers = [answer_of(alices.send(form, button)) for form in forms]

    assert [each["iss"] for each in answers] == [client.tenant.issuer, other_tenant.issuer]


def test_the_issuer_is_not_taken_from_the_request(browser: Browser, client: Client) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    browser.http.headers.update(forged)

    page = ask(browser, client, prompt="none", iss="https://evil.example")

    assert page.answer["iss"] == client.tenant.issuer


def test_a_code_that_the_attackers_tenant_was_sent_is_still_good_at_its_own_alone(
    alices: Browser, client: Client, other_tenant: Tenant
) -> None:
    evil = new_client(other_tenant, client_id=client.client_id)
    page = alices.send(ask(alices, client).form("/consent"), "allow")

    confused = evil.exchange(page.answer["code"])

    assert page.answer["iss"] != other_tenant.issuer
    assert confused.json()["error"] == "invalid_grant"
    assert client.exchange(page.answer["code"]).status_code == 200
