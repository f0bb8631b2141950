"""Codes in wrong hands (RFC 9700 sections 4.5 and 4.8): injected, substituted, downgraded, carried elsewhere.

The attacker has a browser of his own, and can have the victim's go to any address. A client sends the
verifier of its own request, and looks for that one's nonce in the ID token: as these tests do.
"""

import re

import pytest

from rescind.domain.tokens import pkce
from tests.protocol.id_tokens import verified
from tests.servers import VERIFIER, Client, Tenant
from tests.web.pages.asking import allowed, ask
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client

MALLORYS_VERIFIER = "the-verifier-of-mallory-0123456789-0123456789-0123456789"
MALLORYS = {"code_challenge": pkce.challenge_of(MALLORYS_VERIFIER), "nonce": "mallory's nonce"}
ALICES = {"code_challenge": pkce.challenge_of(VERIFIER), "nonce": "alice's nonce"}


def test_the_attackers_code_is_worth_nothing_in_the_victims_session_at_the_client(
    mallorys: Browser, client: Client
) -> None:
    code = allowed(mallorys, client, **MALLORYS).answer["code"]

    reply = client.exchange(code, code_verifier=VERIFIER)

    assert reply.json()["error"] == "invalid_grant"
    assert client.exchange(code, code_verifier=MALLORYS_VERIFIER).status_code == 200


def test_the_victims_stolen_code_is_worth_nothing_in_the_attackers_session_at_the_client(
    alices: Browser, client: Client
) -> None:
    code = allowed(alices, client, **ALICES).answer["code"]

    reply = client.exchange(code, code_verifier=MALLORYS_VERIFIER)

    assert reply.json()["error"] == "invalid_grant"
    assert client.exchange(code).status_code == 200


@pytest.mark.parametrize(
    "verifier", [None, "", pkce.challenge_of(VERIFIER)], ids=["none", "empty", "challenge"]
)
def test_a_stolen_code_can_not_be_exchanged_without_its_verifier(
    alices: Browser, client: Client, verifier: str | None
) -> None:
    code = allowed(alices, client, **ALICES).answer["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://client.example/callback",
    }

    reply = client.send("token", {**form, **({} if verifier is None else {"code_verifier": verifier})})

    assert reply.status_code == 400
    assert "access_token" not in reply.json()
    assert client.exchange(code).status_code == 200


def test_a_code_that_was_made_for_the_attackers_request_names_its_nonce(
    mallorys: Browser, client: Client
) -> None:
    code = allowed(mallorys, client, **{**MALLORYS, "code_challenge": ALICES["code_challenge"]}).answer[
        "code"
    ]

    claims = verified(client.tenant, client.exchange(code).json()["id_token"]).claims

    assert claims["nonce"] == "mallory's nonce"
    assert claims["sub"] == "mallory"


@pytest.mark.requirement("AZ-06")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S256 plain"},
        {"code_challenge": ""},
    ],
    ids=["no PKCE", "no method", "plain", "plain with its verifier", "case", "both", "empty"],
)
@pytest.mark.parametrize("is_public", [True, False], ids=["public", "confidential"])
def test_pkce_can_not_be_taken_out_of_a_request(
    alices: Browser, tenant: Tenant, is_public: bool, changes: dict[str, str | None]
) -> None:
    client = new_client(tenant, is_public=is_public)

    page = ask(alices, client, **changes)

    assert page.answer["error"] == "invalid_request"
    assert "code" not in page.answer


def test_pkce_can_not_be_changed_in_the_form_that_decides(alices: Browser, client: Client) -> None:
    form = ask(alices, client, **ALICES).form("/consent")
    changed = {
        "code_challenge": MALLORYS["code_challenge"],
        "code_challenge_method": "plain",
        "scope": "openid",
    }

    code = alices.post(form.action, {**form.filled("allow"), **changed}).answer["code"]

    assert client.exchange(code, code_verifier=MALLORYS_VERIFIER).json()["error"] == "invalid_grant"
    assert client.exchange(code).json()["scope"] == "openid notes"


@pytest.mark.parametrize("is_public", [True, False], ids=["public", "confidential"])
def test_the_code_of_another_client_is_worth_nothing(
    alices: Browser, client: Client, is_public: bool
) -> None:
    thief = new_client(client.tenant, is_public=is_public)
    code = allowed(alices, client).answer["code"]

    reply = thief.exchange(code)

    assert reply.json()["error"] == "invalid_grant"
    assert client.exchange(code).status_code == 200


def test_the_code_of_another_tenant_is_worth_nothing_to_a_client_of_the_same_name(
    alices: Browser, client: Client, other_tenant: Tenant
) -> None:
    thief = new_client(other_tenant, client_id=client.client_id)
    code = allowed(alices, client).answer["code"]

    reply = thief.exchange(code)

    assert reply.json()["error"] == "invalid_grant"
    assert client.exchange(code).status_code == 200


def test_a_code_that_went_to_another_address_of_the_client_is_worth_nothing_at_this_one(
    alices: Browser, tenant: Tenant
) -> None:
    leaky = "https://client.example/a-page-that-leaks"
    client = new_client(tenant, redirect_uris=["https://client.example/callback", leaky])
    code = allowed(alices, client, redirect_uri=leaky).answer["code"]

    reply = client.exchange(code)

    assert reply.json()["error"] == "invalid_grant"


@pytest.mark.requirement("AZ-18")
def test_no_code_can_be_guessed(alices: Browser, client: Client) -> None:
    first = allowed(alices, client).answer["code"]
    client.exchange(first)
    codes = [first, *(ask(alices, client).answer["code"] for _ in range(3))]

    assert len(set(codes)) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]{43,}", code) for code in codes)
    assert len({code[:12] for code in codes}) == 4


@pytest.mark.requirement("AZ-18")
def test_a_code_is_worth_nothing_twice_and_takes_what_it_gave_along(
    alices: Browser, client: Client, resource_server: Client
) -> None:
    code = allowed(alices, client).answer["code"]
    tokens = client.exchange(code).json()

    again = client.exchange(code)

    assert again.json()["error"] == "invalid_grant"
    assert not resource_server.is_active(tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
