"""Pages that say what is wrong: in the look of the tenant, with the number of the request, and a way on."""

import re
from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import tenants
from rescind.errors import StoreUnavailable
from rescind.store import sessions
from tests.servers import Client, Server
from tests.web.pages.asking import account_of, address_of, ask
from tests.web.pages.browser import Browser, Page

Open = Callable[[Browser, Client], Page]


def _post(path: str, **fields: str) -> Open:
    return lambda browser, client: browser.post(f"/t/{client.tenant.name}/{path}", {"form": "x", **fields})


PROBLEMS: dict[str, Open] = {
    "unknown client": lambda browser, client: ask(browser, client, client_id="nobody"),
    "no address": lambda browser, client: ask(browser, client, redirect_uri="https://evil.example/"),
    "malformed": lambda browser, client: browser.open(f"{address_of(client.tenant)}?client_id=%FF"),
    "too long": lambda browser, client: ask(browser, client, state="s" * 20_000),
    "posted too long": _post("oauth2/authorize", client_id="x", state="s" * 20_000),
    "out of date": _post("consent"),
    "sign-out out of date": _post("oidc/logout"),
    "too large": _post("consent", filler="x" * 70_000),
    "wrong method": lambda browser, client: browser.open(f"/t/{client.tenant.name}/consent"),
    "wrong method of a page": lambda browser, client: browser.post(account_of(client.tenant), {}),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_said_in_the_tenants_look_with_the_number_of_the_request_and_a_way_on(
    alices: Browser, client: Client, name: str
) -> None:
    look = {"display_name": "Bifrost Outdoor"}
    tenants.update(client.tenant.server.authority, client.tenant.record, look)

    page = PROBLEMS[name](alices, client)

    assert page.status >= 400
    assert '<p class="tenant">Bifrost Outdoor</p>' in page.text
    assert page.response.headers["X-Request-ID"] in page.text
    (way_on,) = re.findall(r'<main>.*<a href="([^"]*)"', page.text, re.DOTALL)
    assert alices.open(way_on).status == 200


def test_at_a_tenant_that_is_not_there_a_page_says_so_with_the_number(browser: Browser) -> None:
    page = browser.open("/t/nobody/account")

    assert page.status == 404
    assert page.response.headers["X-Request-ID"] in page.text
    assert "go back" in page.text


def test_a_number_that_was_given_is_shown_as_text(alices: Browser, client: Client) -> None:
    alices.http.headers["X-Request-ID"] = "<b>1</b>"

    page = ask(alices, client, client_id="nobody")

    assert "<b>1</b>" not in page.text


def unavailable(*_: object, **__: object) -> None:
    raise StoreUnavailable("not in this test")


def failing(*_: object, **__: object) -> None:
    raise RuntimeError("a secret of the server's")


@pytest.mark.parametrize(("fault", "status"), [(unavailable, 503), (failing, 500)])
def test_while_the_server_has_a_fault_the_page_leads_to_itself_and_tells_nothing(
    alices: Browser, client: Client, monkeypatch: pytest.MonkeyPatch, fault: object, status: int
) -> None:
    monkeypatch.setattr(sessions, "list_live", fault)

    page = alices.open(account_of(client.tenant))
    monkeypatch.undo()

    assert page.status == status
    assert page.response.headers["X-Request-ID"] in page.text
    assert "secret" not in page.text
    (way_on,) = re.findall(r'<a href="([^"]*)"', page.text)
    again = httpx.URL(str(page.response.request.url)).join(way_on)
    assert alices.open(str(again)).status == 200


def test_a_form_that_met_a_fault_is_not_sent_again_by_a_link(
    alices: Browser, client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = ask(alices, client).form("/consent")
    monkeypatch.setattr("rescind.domain.tokens.codes.mint", unavailable)

    page = alices.send(form, "allow")

    assert page.status == 503
    assert "<a href" not in page.text
