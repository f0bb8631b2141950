"""What somebody can do who publishes documents of clients: leave rows, take threads, look like another."""

import contextlib

import pytest

from rescind.domain.registry import clients, documents
from rescind.protocol import documented_clients
from tests.cli.shell import on_sqlite
from tests.document_hosts import DocumentHost
from tests.documented import by_document, document_host, hosted, open_tenant
from tests.servers import Client, Tenant
from tests.web.pages.asking import allowed, ask
from tests.web.pages.browser import Browser

__all__ = ["document_host", "hosted", "open_tenant"]

pytestmark = pytest.mark.usefixtures("hosted")

LOOKALIKE = "N\u043etes"  # The second letter is Cyrillic.


def rows(tenant: Tenant) -> list[str]:
    return [each.client_id for each in clients.list_all(tenant.server.authority, tenant.record)]


@pytest.mark.requirement("CIM-06")
def test_variations_of_a_path_leave_nothing_in_the_store(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    shown = hosted.publish("/app")
    variations = [shown, f"{shown}/", f"{shown}?", shown.replace("/app", "/%61pp"), f"{shown}?x=1"]
    hosted.pages |= {
        each.removeprefix(f"https://{hosted.place}"): hosted.pages["/app"] for each in variations
    }

    statuses = [ask(alices, by_document(open_tenant, each)).status for each in variations]

    assert statuses == [200, 400, 400, 400, 400]
    assert rows(open_tenant) == []


@pytest.mark.requirement("CIM-06")
def test_a_host_has_so_many_clients_and_no_more(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_ROWS_OF_HOST", 1)
    first, second = (by_document(open_tenant, hosted.publish()) for _ in range(2))

    let_in = [allowed(alices, each).answer for each in (first, second)]

    assert ["code" in answer for answer in let_in] == [True, False]
    assert rows(open_tenant) == [first.client_id]


@pytest.mark.requirement("CIM-03")
def test_while_others_wait_for_documents_the_rest_is_sent_away_and_revocations_are_not(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost, client: Client
) -> None:
    threads = open_tenant.server.authority.settings.pool_size
    waiting = by_document(open_tenant, hosted.publish())
    token = str(client.issue().refresh_token)

    with contextlib.ExitStack() as others:
        for _ in range(threads // 4):
            others.enter_context(documented_clients._turns.taken(threads))
        page = ask(alices, waiting)
        revoked = client.revoke(token)

    assert (page.status, page.response.headers.get("Retry-After")) == (503, "1")
    assert revoked.status_code == 200
    assert ask(alices, waiting).status == 200


@pytest.mark.requirement("CIM-05")
@pytest.mark.parametrize(
    "name",
    [LOOKALIKE, "Notes\u202egpj", "No\u200btes", "x" * 61],
    ids=["lookalike", "rtl", "unseen", "long"],
)
def test_a_name_that_could_be_read_as_another_is_not_shown(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost, name: str
) -> None:
    client = by_document(open_tenant, hosted.publish(client_name=name))

    page = ask(alices, client)

    assert name not in page.text
    assert f"<strong>{client.client_id}</strong>" in page.text


@on_sqlite
def test_who_is_asked_for_a_password_is_shown_its_host_and_not_its_name(
    browser: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    page = ask(browser, by_document(open_tenant, hosted.publish(client_name="Call 555")))

    assert page.form("/sign-in")
    assert f"an app that nobody here has verified, at <strong>{hosted.place}</strong>" in page.text
    assert "Call 555" not in page.text


@pytest.mark.requirement("CIM-03")
def test_a_document_that_names_itself_as_its_keys_is_fetched_no_more_than_twice(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost
) -> None:
    client_id = hosted.publish("/itself", token_endpoint_auth_method="private_key_jwt")
    hosted.republish(client_id, token_endpoint_auth_method="private_key_jwt", jwks_uri=client_id)

    page = ask(alices, by_document(open_tenant, client_id))

    assert page.status == 400
    assert hosted.count(client_id) == 2
