"""What somebody can do who publishes documents of clients: leave rows, take threads, look like another."""

import contextlib

import pytest

from rescind.domain import clock
from rescind.domain.registry import clients, documents
from tests.cli.shell import on_sqlite
from tests.document_hosts import DocumentHost
from tests.documented import by_document, document_host, hosted, open_tenant
from tests.servers import Client, Tenant
from tests.web.pages.asking import allowed, ask, tokens_of
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
def test_while_others_wait_for_documents_strangers_are_sent_away_and_clients_are_not(
    alices: Browser, open_tenant: Tenant, hosted: DocumentHost, client: Client
) -> None:
    authority = open_tenant.server.authority
    threads = authority.settings.pool_size
    waiting, let_in = (by_document(open_tenant, hosted.publish()) for _ in range(2))
    refresh_token = tokens_of(let_in, allowed(alices, let_in, scope="notes"))["refresh_token"]
    # From here on its document is out of date.
    clock.set(clock.now() + 61)
    token = str(client.issue().refresh_token)

    with contextlib.ExitStack() as others:
        for each in range(threads // 4):
            # Each of another network, which asks for a document of another host.
            url, address = f"https://host{each}.example/app", f"192.0.2.{each}"
            turn = authority.document_turns.of_stranger(url, address, threads=threads, now=clock.now())
            others.enter_context(turn)
        page = ask(alices, waiting)
        refreshed = let_in.refresh(refresh_token)
        revoked = client.revoke(token)

    assert (page.status, page.response.headers.get("Retry-After")) == (503, "1")
    assert (refreshed.status_code, revoked.status_code) == (200, 200)
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
