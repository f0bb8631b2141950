"""What was allowed once is not asked again, for as long as a live grant covers it and it is sure who asks."""

import pytest

from rescind.domain import clock, operating
from rescind.domain.registry import clients
from tests.servers import Client, Tenant
from tests.web.pages.asking import allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client

NOW = 1_800_000_000


@pytest.mark.parametrize("prompt", [None, "none"])
def test_what_an_operator_has_issued_is_not_what_the_person_allowed(
    alices: Browser, client: Client, prompt: str | None
) -> None:
    authority = client.tenant.server.authority
    issued = next(
        operating.issue(
            authority,
            client.tenant.name,
            client.client_id,
            subject="alice",
            scope="",
            expires_in=None,
            count=1,
        )
    )
    assert "notes" in issued.scope

    page = ask(alices, client, scope="notes", prompt=prompt)

    assert "code" not in page.answer
    assert page.answer.get("error") == "consent_required" if prompt else page.form("/consent")


def test_consent_to_what_outlives_the_session_is_remembered(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client, scope="notes offline_access"))

    page = ask(alices, client, scope="notes")

    assert "code" in page.answer


def test_consent_is_not_remembered_for_a_client_that_was_made_again(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client, scope="notes offline_access"))
    authority, record = client.tenant.server.authority, client.tenant.record
    clients.delete(authority, record, client.client_id, actor="operator:test")
    again = new_client(client.tenant, client_id=client.client_id)

    page = ask(alices, again, scope="notes")

    assert page.form("/consent")


def test_consent_to_a_scope_that_was_taken_from_the_client_gives_the_rest_alone(
    alices: Browser, client: Client
) -> None:
    tokens_of(client, allowed(alices, client))
    authority, record = client.tenant.server.authority, client.tenant.record
    clients.update(authority, record, client.client_id, scope="openid")

    page = ask(alices, client)

    assert tokens_of(client, page)["scope"] == "openid"


def test_consent_is_not_remembered_once_its_grant_has_expired(browser: Browser, client: Client) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    tokens_of(client, allowed(browser, client, scope="notes offline_access"))
    clock.set(NOW + 31 * 86_400)
    signed_in(browser, client.tenant)

    page = ask(browser, client, scope="notes")

    assert page.form("/consent")


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("com.example.notes:/cb", "com.example.notes:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://[::1]/cb", "http://[::1]:51004/cb"),
    ],
    ids=["own scheme", "IPv4", "IPv6"],
)
def test_8252_s8_6_consent_is_asked_for_each_time_where_any_program_can_be(
    alices: Browser, tenant: Tenant, registered: str, asked: str
) -> None:
    client = new_client(tenant, redirect_uris=[registered])
    code = allowed(alices, client, redirect_uri=asked).answer["code"]
    client.exchange(code, redirect_uri=asked)

    page = ask(alices, client, redirect_uri=asked)

    assert page.form("/consent")
    assert ask(alices, client, redirect_uri=asked, prompt="none").answer["error"] == "consent_required"


@pytest.mark.parametrize(
    ("options", "uri"),
    [({}, "http://127.0.0.1:5173/cb"), ({"is_public": False}, "com.example.notes:/cb")],
    ids=["a port that is registered", "a client with a secret"],
)
def test_8252_s8_6_elsewhere_it_is_remembered(
    alices: Browser, tenant: Tenant, options: dict[str, bool], uri: str
) -> None:
    client = new_client(tenant, redirect_uris=[uri], **options)
    client.exchange(allowed(alices, client, redirect_uri=uri).answer["code"], redirect_uri=uri)

    page = ask(alices, client, redirect_uri=uri)

    assert "code" in page.answer


def test_consent_is_remembered_while_one_grant_covers_the_scopes(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client, scope="openid notes"))

    page = ask(alices, client, scope="notes")

    assert "code" in page.answer


@pytest.mark.parametrize(
    "changes", [{"scope": "openid notes offline_access"}, {"prompt": "consent"}], ids=["more", "asked for"]
)
def test_consent_is_asked_for_again(alices: Browser, client: Client, changes: dict[str, str]) -> None:
    tokens_of(client, allowed(alices, client))

    page = ask(alices, client, **changes)

    assert page.form("/consent")


def test_consent_is_not_remembered_for_another_client_or_person(
    alices: Browser, mallorys: Browser, client: Client
) -> None:
    tokens_of(client, allowed(alices, client))

    assert ask(alices, new_client(client.tenant)).form("/consent")
    assert ask(mallorys, client).form("/consent")


def test_consent_is_not_remembered_once_the_tokens_were_revoked(alices: Browser, client: Client) -> None:
    tokens = tokens_of(client, allowed(alices, client))
    client.revoke(tokens["refresh_token"])

    page = ask(alices, client)

    assert page.form("/consent")


@pytest.mark.requirement("AZ-05")
def test_who_says_no_sends_the_client_away(alices: Browser, client: Client) -> None:
    page = ask(alices, client)

    answer = alices.send(page.form("/consent"), "deny").answer

    assert answer["error"] == "access_denied"
    assert "code" not in answer
