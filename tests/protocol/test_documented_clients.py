"""Clients by the document at their id: let in, kept up to date, and ended by what it drops (WG draft)."""

from dataclasses import replace
from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.registry import clients, suspending, tenants
from rescind.domain.registry.document_memory import DocumentMemory
from rescind.errors import NotFound
from rescind.protocol import documented_clients
from tests.attacks.conftest import alices, new_browser
from tests.document_hosts import DocumentHost
from tests.documented import by_document, document_host, hosted, open_tenant, opened
from tests.protocol.assertions import KEYS, Asserting
from tests.protocol.test_rfc8414_metadata import document_of
from tests.servers import CALLBACK, VERIFIER, Client, Server, Tenant, error_of
from tests.web.pages.asking import allowed, ask, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.interrupting import once_was_read

__all__ = ["alices", "document_host", "hosted", "new_browser", "open_tenant"]

pytestmark = pytest.mark.usefixtures("hosted")

NOW = 1_900_000_000
NATIVE = "http://localhost/back"


def row_is_there(tenant: Tenant, client_id: str) -> bool:
    try:
        clients.get(tenant.server.authority, tenant.record, client_id)
    except NotFound:
        return False
    return True


@pytest.mark.requirement("CIM-01")
def test_a_person_lets_a_client_in_that_nobody_has_registered(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish())

    tokens = tokens_of(client, allowed(alices, client, scope="notes"))

    assert tokens["scope"] == "notes"
    assert client.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.requirement("CIM-01")
def test_a_document_of_another_client_leads_nobody_anywhere(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish(client_id="https://localhost/another"))

    page = ask(alices, client)

    assert (page.status, page.left_for) == (400, "")
    assert "names another client_id" in page.text


@pytest.mark.requirement("CIM-02")
def test_s4_a_client_with_keys_authenticates_with_them_alone(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    keys = hosted.publish(keys=[KEYS["ES256"].as_dict(private=False)])
    client = by_document(open_tenant, hosted.publish(jwks_uri=keys, **method))
    code = allowed(alices, client, scope="notes").answer["code"]
    refused = client.exchange(code)

    shown = {"code": code, "redirect_uri": CALLBACK, "grant_type": "authorization_code"}
    reply = Asserting(client, KEYS["ES256"], "ES256").post("token", code_verifier=VERIFIER, **shown)

    assert error_of(refused) == "invalid_client"
    assert reply.status_code == 200, reply.text


@pytest.mark.requirement("CIM-07")
def test_it_is_said_and_done_exactly_where_the_tenant_allows_it(
    alices: Browser, tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(tenant, hosted.publish())
    before = ("client_id_metadata_document_supported" in document_of(tenant), ask(alices, client).status)

    opened(tenant)

    assert before == (False, 400)
    assert document_of(tenant)["client_id_metadata_document_supported"] is True
    assert ask(alices, client).form("/consent")


def test_what_is_not_open_to_such_clients_is_not_given(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish(scope="notes admin"))

    tokens = tokens_of(client, allowed(alices, client, scope="notes admin openid"))

    assert tokens["scope"] == "notes"


def test_the_port_of_the_own_machine_is_free_and_nothing_else(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish(redirect_uris=[NATIVE]))

    asked = [
        ask(alices, client, redirect_uri=uri).status
        for uri in ("http://localhost:51234/back", "http://localhost:51234/other", "http://127.0.0.1/back")
    ]

    assert asked == [200, 400, 400]


@pytest.mark.requirement("CIM-05")
def test_consent_names_both_hosts_and_is_asked_for_every_time(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish(redirect_uris=[CALLBACK, NATIVE]))
    tokens_of(client, allowed(alices, client, scope="notes"))

    far, near = ask(alices, client, scope="notes"), ask(alices, client, redirect_uri=NATIVE)

    assert f"published at <strong>{hosted.place}</strong>" in far.text
    assert "return to <strong>client.example</strong>" in far.text
    assert ["program on this machine" in page.text for page in (far, near)] == [False, True]
    assert "(consent_required)" in ask(alices, client, scope="notes", prompt="none").text


@pytest.mark.requirement("CIM-06")
def test_asking_leaves_no_row_and_allowing_leaves_one(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish())
    consent = ask(alices, client)
    was_there = row_is_there(open_tenant, client.client_id)

    alices.send(consent.form("/consent"), "allow")

    assert not was_there
    assert row_is_there(open_tenant, client.client_id)


@pytest.fixture
def long_ago(server: Server) -> None:
    """Let all begin at a time of the test."""
    clock.set(NOW)


@pytest.fixture
def kept(
    long_ago: None, alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> tuple[Client, dict[str, str]]:
    """Give a client and the tokens that alice let it have, at a time when its document is out of date."""
    client = by_document(open_tenant, hosted.publish())
    tokens = tokens_of(client, allowed(alices, client, scope="notes"))
    assert hosted.count(client.client_id) == 1
    clock.set(NOW + 61)
    hosted.asked.clear()
    return client, tokens


@pytest.mark.requirement("CIM-04")
def test_s6_it_is_fetched_anew_when_it_is_out_of_date_and_not_before(
    kept: tuple[Client, dict[str, str]], hosted: DocumentHost
) -> None:
    client, tokens = kept

    first = client.refresh(tokens["refresh_token"])
    second = client.refresh(first.json()["refresh_token"])

    assert (first.status_code, second.status_code) == (200, 200)
    assert hosted.count(client.client_id) == 1


@pytest.mark.requirement("CIM-04")
@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": ["https://client.example/moved"]},
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [KEYS["ES256"].as_dict(private=False)]},
        },
    ],
    ids=["no redirect URI of before", "another method"],
)
def test_s6_what_a_changed_document_drops_ends_what_was_given_through_it(
    kept: tuple[Client, dict[str, str]],
    hosted: DocumentHost,
    resource_server: Client,
    changes: dict[str, Any],
) -> None:
    client, tokens = kept
    assert resource_server.is_active(tokens["access_token"])
    hosted.republish(client.client_id, **changes)

    reply = client.refresh(tokens["refresh_token"])

    assert error_of(reply) in {"invalid_grant", "invalid_client"}
    assert not resource_server.is_active(tokens["access_token"])


@pytest.mark.requirement("CIM-04")
@pytest.mark.parametrize(
    ("status", "expected"), [(404, "invalid_client"), (503, "temporarily_unavailable")], ids=["gone", "down"]
)
def test_s6_one_that_is_gone_keeps_nobody_in(
    kept: tuple[Client, dict[str, str]],
    hosted: DocumentHost,
    alices: Browser,
    status: int,
    expected: str,
) -> None:
    client, tokens = kept
    hosted.page_of(client.client_id).status = status

    reply = client.refresh(tokens["refresh_token"])

    assert error_of(reply) == expected
    assert "consent" not in ask(alices, client).text
    hosted.republish(client.client_id)
    clock.set(NOW + 90)
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_a_revocation_asks_no_host(
    kept: tuple[Client, dict[str, str]], hosted: DocumentHost, resource_server: Client
) -> None:
    client, tokens = kept
    hosted.page_of(client.client_id).status = 404

    reply = client.revoke(tokens["refresh_token"])

    assert (reply.status_code, hosted.asked) == (200, [])
    assert not resource_server.is_active(tokens["access_token"])


def test_one_that_an_operator_has_stopped_before_it_came_gets_nothing_and_its_host_is_not_asked(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    authority, client = open_tenant.server.authority, by_document(open_tenant, hosted.publish())
    suspending.keep_out(authority, open_tenant.record, client.client_id, actor="test")

    refused = ask(alices, client)

    assert (refused.status, "/consent" in refused.text, hosted.asked) == (400, False, [])
    suspending.enable(authority, open_tenant.record, client.client_id, actor="test")
    assert "code" in allowed(alices, client, scope="notes").answer


def test_what_was_asked_before_all_of_the_client_was_ended_leads_to_nothing(
    long_ago: None, alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish())
    asked = ask(alices, client)
    tokens_of(client, allowed(alices, client))
    clients.delete(open_tenant.server.authority, open_tenant.record, client.client_id, actor="cli:test")

    page = alices.send(asked.form("/consent"), "allow")

    assert (page.status, page.left_for) == (400, "")
    assert not row_is_there(open_tenant, client.client_id)


def test_what_a_newer_document_does_not_allow_that_another_worker_has_written_leads_to_nothing(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client = by_document(open_tenant, hosted.publish())
    asked = ask(alices, client)
    authority, record = open_tenant.server.authority, open_tenant.record
    other = replace(authority, document_memory=DocumentMemory())

    def write_a_newer_one() -> None:
        hosted.republish(client.client_id, redirect_uris=["https://client.example/moved"])
        found = documented_clients.current(other, record, client.client_id, None, address="")
        assert found is not None
        documented_clients.written(other, record, found, since=record.read_at)

    with once_was_read(open_tenant, "cookie_digest", write_a_newer_one):
        page = alices.send(asked.form("/consent"), "allow")

    assert row_is_there(open_tenant, client.client_id)
    assert (page.status, page.left_for) == (400, "")


def test_tenants_take_none_of_them_unless_they_are_told_to(tenant: Tenant) -> None:
    found = tenants.settings_of(tenant.server.authority, tenant.record)

    assert not found.client_metadata_documents
