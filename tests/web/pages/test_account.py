"""The account page: what is connected, and taking it back."""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sqlalchemy import select

from rescind.domain import clock
from rescind.domain.revoking.access import disconnect
from rescind.domain.revoking.causes import Cause
from rescind.store.tables import revocations
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client
from tests.web.pages.interrupting import once_was_read

NOW = 1_800_000_000


def test_each_connected_client_is_shown_with_its_scopes_and_times(browser: Browser, client: Client) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    first = tokens_of(client, allowed(browser, client, scope="notes offline_access"))
    clock.set(NOW + 600)
    client.refresh(first["refresh_token"])

    page = browser.open(account_of(client.tenant))

    assert "Notes" in page.text
    assert "<code>notes</code>" in page.text
    assert "15 January 2027, 08:00 UTC" in page.text.partition("First given")[2].partition("Last")[0]
    assert "15 January 2027, 08:10 UTC" in page.text.partition("Last renewed")[2]
    assert len([form for form in page.forms if form.action.endswith("/remove-access")]) == 1


def test_connected_clients_are_in_the_order_of_their_names(alices: Browser, tenant: Tenant) -> None:
    tokens_of(client := new_client(tenant, name="Weather"), allowed(alices, client))
    tokens_of(client := new_client(tenant, name="calendar"), allowed(alices, client))
    tokens_of(client := new_client(tenant, name="Atlas"), allowed(alices, client))

    page = alices.open(account_of(tenant))

    assert re.findall("<h3>(.+)</h3>", page.text) == ["Atlas", "calendar", "Weather"]


def test_of_another_person_nothing_is_shown(alices: Browser, mallorys: Browser, client: Client) -> None:
    tokens_of(client, allowed(mallorys, client))

    page = alices.open(account_of(client.tenant))

    assert "No app has access" in page.text
    assert len(page.forms) == 2


def removed(browser: Browser, tenant: Tenant) -> None:
    """Remove the access of the one client that is connected."""
    browser.send(browser.open(account_of(tenant)).form("/remove-access"))


def test_removing_access_ends_every_grant_of_the_client(
    alices: Browser, client: Client, resource_server: Client
) -> None:
    given = tokens_of(client, allowed(alices, client))
    for_good = tokens_of(client, allowed(alices, client, scope="offline_access"))

    removed(alices, client.tenant)

    assert not resource_server.is_active(given["access_token"])
    assert not resource_server.is_active(for_good["access_token"])
    assert client.refresh(for_good["refresh_token"]).status_code == 400
    assert "No app has access" in alices.open(account_of(client.tenant)).text


def test_removing_access_leaves_other_people_and_the_session(
    alices: Browser, mallorys: Browser, client: Client, resource_server: Client
) -> None:
    tokens_of(client, allowed(alices, client))
    mallory = tokens_of(client, allowed(mallorys, client))

    removed(alices, client.tenant)

    assert resource_server.is_active(mallory["access_token"])
    assert ask(alices, client).form("/consent")


def test_removing_access_leaves_other_clients(
    alices: Browser, client: Client, resource_server: Client
) -> None:
    tokens_of(client, allowed(alices, client))
    form = alices.open(account_of(client.tenant)).form("/remove-access")
    other = new_client(client.tenant, name="Other")
    others = tokens_of(other, allowed(alices, other))

    page = alices.send(form)

    assert resource_server.is_active(others["access_token"])
    assert "Other" in page.text


def test_removing_access_uses_up_a_code_that_is_on_its_way(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client))
    code = ask(alices, client).answer["code"]

    removed(alices, client.tenant)

    assert client.exchange(code).json()["error"] == "invalid_grant"


def test_access_that_is_removed_while_consent_is_relied_on_is_asked_for_again(
    alices: Browser, client: Client
) -> None:
    tokens_of(client, allowed(alices, client))
    authority, record = client.tenant.server.authority, client.tenant.record

    def remove() -> None:
        disconnect(authority, record, "alice", client.client_id, Cause("test", "operator:test"))

    with once_was_read(client.tenant, "SELECT DISTINCT", remove):
        page = ask(alices, client)

    assert page.left_for == ""
    assert page.form("/consent")


def test_a_code_that_relied_on_consent_before_the_removal_was_committed_is_used_up(
    alices: Browser, client: Client
) -> None:
    tokens_of(client, allowed(alices, client))
    authority, record = client.tenant.server.authority, client.tenant.record
    asked: list[Future[Page]] = []

    with ThreadPoolExecutor(1) as pool:

        def rely_on_it() -> None:
            # SQLite has it wait for the removal, so it is not waited for here.
            asked.append(pool.submit(ask, alices, client))
            wait(asked, timeout=0.5)

        with once_was_read(client.tenant, "grants.id", rely_on_it):
            disconnect(authority, record, "alice", client.client_id, Cause("test", "operator:test"))

    assert client.exchange(asked[0].result().answer.get("code", "none")).json()["error"] == "invalid_grant"
    assert "No app has access" in alices.open(account_of(client.tenant)).text


def test_removing_access_is_written_down_once_a_grant(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client))
    tokens_of(client, ask(alices, client))

    removed(alices, client.tenant)

    with client.tenant.server.authority.store.opened() as tx:
        rows = tx.execute(
            select(revocations.c.selector_kind, revocations.c.cause, revocations.c.actor).where(
                revocations.c.tenant_id == client.tenant.record.id
            )
        ).all()
    assert [tuple(row) for row in rows] == [("grant", "access-removed", "subject:alice")] * 2


def test_ending_another_session_ends_it_and_its_grants(
    alices: Browser, new_browser: Callable[[], Browser], client: Client, resource_server: Client
) -> None:
    clock.set(clock.now() + 60)
    phone = signed_in(new_browser(), client.tenant)
    tokens = tokens_of(client, allowed(phone, client))
    entries = [form for form in alices.open(account_of(client.tenant)).forms if "end-session" in form.action]

    page = alices.send(entries[0])

    assert not resource_server.is_active(tokens["access_token"])
    assert phone.open(account_of(client.tenant)).form("/sign-in")
    assert page.text.count("<dt>Signed in</dt>") == 1


def test_ending_this_session_signs_out_here(alices: Browser, client: Client, resource_server: Client) -> None:
    tokens = tokens_of(client, allowed(alices, client))
    kept = alices.cookie("rescind_session")

    page = alices.send(alices.open(account_of(client.tenant)).form("/end-session"))

    assert "You are signed out" in page.text
    assert alices.cookie("rescind_session") == ""
    assert not resource_server.is_active(tokens["access_token"])
    alices.http.cookies.set("rescind_session", kept, domain="127.0.0.1", path=f"/t/{client.tenant.name}")
    assert alices.open(account_of(client.tenant)).form("/sign-in")


def test_after_signing_in_at_the_account_page_it_is_shown(
    browser: Browser, tenant: Tenant, alice: str
) -> None:
    page = browser.sign_in(browser.open(account_of(tenant)))

    assert "Signed in as <strong>alice</strong>" in page.text
