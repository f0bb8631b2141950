"""Long addresses, at a real gunicorn: clients keep data of their own in `state`, up to 16 KiB of it."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.patience import LONG_SECONDS
from tests.servers import CALLBACK, Client, Server
from tests.web.pages.asking import address_of, ask, request, signed_in, tokens_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client
from tests.web.pages.logouts import AFTERWARDS

LONG, TOO_LONG = 15_900, 17_500
# What browsers send as it is in a query, and what they do not.
STATES = {"plain": "s" * LONG, "delimiters": ":/?@" * (LONG // 4), "escaped": '{"ü' * (LONG // 12)}
each_state = pytest.mark.parametrize("state", STATES.values(), ids=STATES)


@pytest.fixture
def client(live_server: Server) -> Client:
    """Give a client at a real server."""
    return new_client(live_server.new_tenant(), post_logout_redirect_uris=[AFTERWARDS])


@pytest.fixture
def person(live_server: Server, client: Client) -> Iterator[Browser]:
    """Give a browser at which alice is signed in."""
    with live_server.http() as http:
        yield signed_in(Browser(http, live_server.base_url), client.tenant)


def asked_with(browser: Browser, client: Client, state: str) -> Page:
    """Go to the authorize endpoint as a browser would: delimiters stay as they are."""
    asked = urlencode(request(client, state=None, prompt="consent"))
    return browser.open(f"{address_of(client.tenant)}?{asked}&state={quote(state, safe=':/?@')}")


@each_state
def test_a_long_state_comes_back_with_the_code(person: Browser, client: Client, state: str) -> None:
    consent = asked_with(person, client, state)
    assert consent.status == 200

    page = person.send(consent.form("/consent"), "allow")

    assert page.left_for.startswith(CALLBACK)
    assert page.answer["state"] == state
    assert len(page.left_for) < 16 * 1024
    assert tokens_of(client, page)


@each_state
def test_a_long_state_goes_on_with_another_account(person: Browser, client: Client, state: str) -> None:
    consent = asked_with(person, client, state)

    page = person.send(consent.form("/switch-account"))

    assert page.status == 200
    assert page.form("/sign-in")


@pytest.mark.parametrize("path", ["oauth2/authorize", "oidc/logout"])
def test_a_long_state_is_posted_as_well(person: Browser, client: Client, path: str) -> None:
    fields = request(client, state=STATES["plain"], prompt="consent")

    page = person.post(f"/t/{client.tenant.name}/{path}", fields)

    assert page.status == 200
    assert page.forms


def test_a_long_state_comes_back_after_a_sign_out(person: Browser, client: Client) -> None:
    asked = {"client_id": client.client_id, "post_logout_redirect_uri": AFTERWARDS}
    page = person.open(f"/t/{client.tenant.name}/oidc/logout", {**asked, "state": STATES["plain"]})

    left = person.send(page.form("/oidc/logout"))

    assert left.answer["state"] == STATES["plain"]


def test_a_state_that_is_too_long_is_told_by_a_page(person: Browser, client: Client) -> None:
    page = ask(person, client, state="s" * TOO_LONG)

    assert page.status == 414
    assert "too long" in page.text
    assert page.response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["oauth2/authorize", "oidc/logout"])
def test_a_post_that_can_not_be_asked_again_is_told_by_a_page(
    live_server: Server, client: Client, path: str
) -> None:
    with live_server.http() as http:
        browser = Browser(http, live_server.base_url)
        page = browser.post(f"/t/{client.tenant.name}/{path}", request(client, state="s" * TOO_LONG))

    assert page.status == 400
    assert "too long" in page.text


def test_a_line_that_no_server_has_to_take_is_refused(live_server: Server, client: Client) -> None:
    parts = urlsplit(live_server.base_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=LONG_SECONDS)

    connection.request("GET", f"{address_of(client.tenant)}?state={'s' * 70_000}")
    reply = connection.getresponse()

    assert reply.status == 414
    assert json.loads(reply.read())["error"] == "invalid_request"
