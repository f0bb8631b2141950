"""What a client registered when more was allowed stands in its row; nobody is sent there, or shown it."""

from typing import Any

import pytest

from rescind.store import clients
from tests.servers import CALLBACK, Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, tokens_of
from tests.web.pages.browser import Browser
from tests.web.pages.logouts import shop, sign_in

REVERSED = "Shop \u202egnp.evil"


def write(client: Client, **values: Any) -> None:
    """Put values in a client's row, as a version before has done."""
    tenant = client.tenant
    authority = tenant.server.authority
    authority.store.transact(lambda tx: clients.change(tx, tenant.record.id, client.client_id, values))


@pytest.mark.parametrize("uri", ["notes:/cb", "https://accounts.bank.example@evil.example/cb"])
def test_nobody_is_sent_to_such_a_redirect_uri(
    alices: Browser, client: Client, caplog: pytest.LogCaptureFixture, uri: str
) -> None:
    write(client, redirect_uris=(uri,))

    page = ask(alices, client, redirect_uri=uri)

    assert page.status == 400
    assert "is not registered with this return address" in page.text
    assert "evil.example" not in page.text
    assert f"a redirect URI of the client {client.client_id} is none that is allowed any more" in caplog.text


def test_the_others_of_the_client_are_as_they_were(alices: Browser, client: Client) -> None:
    write(client, redirect_uris=("notes:/cb", CALLBACK))

    page = allowed(alices, client)

    assert "code" in page.answer


def test_a_name_that_turns_the_direction_of_writing_is_not_shown(alices: Browser, client: Client) -> None:
    write(client, name=REVERSED)

    asked = ask(alices, client)
    tokens_of(client, allowed(alices, client))
    account = alices.open(account_of(client.tenant))

    assert asked.status == account.status == 200
    for page in (asked, account):
        assert "\u202e" not in page.text
        assert client.client_id in page.text


def test_nobody_is_sent_to_such_an_address_after_signing_out(tenant: Tenant) -> None:
    client, uri = shop(tenant), "notes:/bye"
    browser = sign_in(client)
    write(client, post_logout_redirect_uris=(uri,))

    with browser.http:
        reply = browser.go(id_token_hint=browser.id_token, post_logout_redirect_uri=uri)

    assert "Location" not in reply.headers
    assert uri not in reply.text
