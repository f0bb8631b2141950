"""What is not meant to be in a header or an address: line ends, NUL, and far too much of anything."""

import pytest
from sqlalchemy import update

from rescind.errors import BadValue
from rescind.store.tables import clients
from tests.servers import CALLBACK, FORM, Client, Server, Tenant
from tests.web.pages.asking import address_of, allowed, ask, request
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client

SPLITTING = "\r\nSet-Cookie: rescind_session=planted\r\n\r\n<script>"
NASTY = ["\r\n", "\r", "\n", "\u2028", "\u0085", "\x0b", "\x7f", "\ud7ff", "\U0010ffff"]


@pytest.mark.parametrize(
    "name", ["state", "scope", "nonce", "prompt", "login_hint", "max_age", "response_type"]
)
def test_no_parameter_becomes_a_header(alices: Browser, client: Client, name: str) -> None:
    page = ask(alices, client, **{name: SPLITTING})

    assert page.status in {200, 303}
    assert "planted" not in str(page.response.headers.get_list("Set-Cookie"))
    assert "\n" not in page.left_for


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_a_state_comes_back_to_the_letter(alices: Browser, client: Client, text: str) -> None:
    state = f"a{text}b"

    page = allowed(alices, client, state=state)

    assert page.answer["state"] == state
    assert page.left_for.isascii()


@pytest.mark.parametrize(
    "body",
    [
        b"client_id=x\r\nSet-Cookie: a=b",
        b"a=\x00b",
        b"a=\x01 b",
        b"a=b#fragment",
        b"a=\"><'b",
        b"%0d%0aX: y=z",
    ],
    ids=["line end", "NUL", "control", "fragment", "quotes", "encoded"],
)
def test_a_request_that_is_posted_becomes_an_address_whatever_is_in_it(
    browser: Browser, tenant: Tenant, body: bytes
) -> None:
    reply = browser.http.post(address_of(tenant), content=body, headers={"Content-Type": FORM})

    location = reply.headers.get("Location", address_of(tenant))
    assert reply.status_code in {303, 400}
    assert "Something went wrong" not in reply.text
    assert location.startswith(address_of(tenant))
    assert location.isprintable()
    assert not {" ", '"', "#", "<", ">"} & set(location)


def test_a_request_that_is_posted_keeps_every_parameter_and_its_repetition(
    alices: Browser, client: Client
) -> None:
    twice = [*request(client).items(), ("state", "again")]
    body = "&".join(f"{name}={value}" for name, value in twice).encode()

    page = alices.open(
        alices.http.post(address_of(client.tenant), content=body, headers={"Content-Type": FORM}).headers[
            "Location"
        ]
    )

    assert page.left_for.startswith(f"{CALLBACK}?error=invalid_request")


@pytest.mark.parametrize("name", ["state", "login_hint", "scope", "client_id", "redirect_uri", "prompt"])
def test_a_parameter_that_is_far_too_long_breaks_nothing(alices: Browser, client: Client, name: str) -> None:
    page = ask(alices, client, **{name: "x" * 20_000})

    assert page.status in {200, 303, 400, 414}
    assert "Something went wrong" not in page.text


@pytest.mark.parametrize("name", ["nobody%00", "%0d%0aX: y", "..", "%2e%2e", "a%2fb", "x" * 300])
@pytest.mark.parametrize("path", ["account", "oauth2/authorize", "consent"])
def test_a_tenant_that_can_have_no_such_name_is_not_there(server: Server, name: str, path: str) -> None:
    with server.http() as http:
        reply = http.get(f"/t/{name}/{path}")

    assert reply.status_code in {404, 405}
    assert "Location" not in reply.headers
    assert "Something went wrong" not in reply.text


def planted(page: Page) -> list[str]:
    """Give the cookies that a page sets and that came from outside."""
    return [cookie for cookie in page.response.headers.get_list("Set-Cookie") if "planted" in cookie]


def test_an_address_with_a_line_end_is_not_registered(tenant: Tenant) -> None:
    with pytest.raises(BadValue):
        new_client(tenant, redirect_uris=[f"{CALLBACK}{SPLITTING}"])


def test_what_is_encoded_in_a_registered_address_stays_so(alices: Browser, tenant: Tenant) -> None:
    address = f"{CALLBACK}?x=%0d%0aSet-Cookie:%20rescind_session=planted"
    client = new_client(tenant, redirect_uris=[address])

    page = allowed(alices, client, redirect_uri=address)

    assert page.left_for.startswith(f"{address}&")
    assert page.answer["code"]
    assert planted(page) == []


def test_an_address_that_came_into_the_store_in_another_way_can_not_split_a_header(
    alices: Browser, client: Client
) -> None:
    address = f"{CALLBACK}{SPLITTING}"
    known = (clients.c.tenant_id == client.tenant.record.id) & (clients.c.client_id == client.client_id)
    with client.tenant.server.authority.store.opened(is_writing=True) as tx:
        tx.execute(update(clients).where(known).values(redirect_uris=[address]))

    page = ask(alices, client, redirect_uri=address, scope="other")

    assert page.status == 400
    assert page.left_for == ""
    assert planted(page) == []
    assert "<script>" not in page.text
