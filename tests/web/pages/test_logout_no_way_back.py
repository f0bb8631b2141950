"""OpenID Connect RP-Initiated Logout 1.0 section 4: of what is wrong, only the way back is refused."""

from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import clients
from tests.protocol.id_tokens import signed_in
from tests.servers import Client, Server, Tenant
from tests.web.pages.logouts import (
    AFTERWARDS,
    Browser,
    assert_signed_in,
    assert_signed_out,
    browser,
    client,
    sign_in,
)

__all__ = ["browser", "client"]

OTHER_ADDRESSES = [
    f"{AFTERWARDS}/",
    f"{AFTERWARDS}?x=1",
    "https://client.example/BYE",
    "https://client.example.evil.example/bye",
    "https://evil.example",
    "//client.example/bye",
    "javascript:alert(1)",
    "http://127.0.0.1:4001/bye",
]
MALFORMED = ["state=a&state=b", "state=%00", "state=%ff", "&".join(["x=1"] * 101), f"state={'s' * 17_000}"]
Forge = Callable[[Client, str], str]


def foreign(client: Client, id_token: str) -> str:
    """Give an ID token of another tenant, about a subject of the same name."""
    other = client.tenant.server.new_tenant()
    return str(signed_in(other.new_client(scope="openid read"))["id_token"])


def tampered(client: Client, id_token: str) -> str:
    """Give the ID token with another signature."""
    head, _, signature = id_token.rpartition(".")
    return f"{head}.{signature[::-1]}"


def rubbish(client: Client, id_token: str) -> str:
    """Give something that is no token at all."""
    return "rubbish"


def led_nowhere(reply: httpx.Response) -> bool:
    """Tell whether the person is left here, and told that there is no way back."""
    return reply.status_code == 200 and "Location" not in reply.headers and "no way back" in reply.text


@pytest.mark.requirement("LGO-01")
@pytest.mark.requirement("LGO-03")
@pytest.mark.parametrize("forge", [foreign, tampered, rubbish])
def test_s4_by_an_id_token_that_is_none_of_the_tenant_the_person_is_asked_and_signed_out_here(
    client: Client, browser: Browser, forge: Forge
) -> None:
    page = browser.go(
        id_token_hint=forge(client, browser.id_token),
        client_id=client.client_id,
        post_logout_redirect_uri=AFTERWARDS,
    )
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert "Sign out?" in page.text
    assert led_nowhere(page)
    assert led_nowhere(reply)
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-02")
@pytest.mark.parametrize("address", OTHER_ADDRESSES)
def test_s4_without_an_id_token_nobody_is_led_where_the_client_has_not_registered_to_the_letter(
    tenant: Tenant, address: str
) -> None:
    registered = (AFTERWARDS, "http://127.0.0.1:4000/bye")
    client = tenant.new_client(scope="openid read", name="Shop", post_logout_redirect_uris=registered)
    browser = sign_in(client)
    page = browser.go(client_id=client.client_id, post_logout_redirect_uri=address)
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert led_nowhere(page)
    assert led_nowhere(reply)
    assert "Shop" in reply.text
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-01")
@pytest.mark.requirement("LGO-02")
@pytest.mark.parametrize("send", [Browser.go, Browser.post], ids=["GET", "POST"])
def test_s4_with_an_id_token_of_this_session_it_is_signed_out_at_once_and_nobody_led_astray(
    client: Client, browser: Browser, send: Callable[..., httpx.Response]
) -> None:
    reply = send(browser, id_token_hint=browser.id_token, post_logout_redirect_uri="https://evil.example/")

    assert led_nowhere(reply)
    assert "evil.example" not in reply.text
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-02")
def test_s4_by_the_id_token_of_another_client_the_person_is_asked_and_led_nowhere(
    tenant: Tenant, client: Client, browser: Browser
) -> None:
    evil = tenant.new_client(post_logout_redirect_uris=("https://evil.example/",))
    page = browser.go(
        id_token_hint=browser.id_token,
        client_id=evil.client_id,
        post_logout_redirect_uri="https://evil.example/",
    )
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert led_nowhere(reply)
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-03")
@pytest.mark.parametrize("sent", [{"client_id": "nobody"}, {"client_id": "no such'); id"}, {}])
def test_s4_without_a_client_that_is_known_the_person_is_asked_and_led_nowhere(
    client: Client, browser: Browser, sent: dict[str, str]
) -> None:
    page = browser.go(post_logout_redirect_uri=AFTERWARDS, **sent)
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert led_nowhere(reply)
    assert_signed_out(client, browser)


def test_s4_a_client_that_is_gone_when_the_button_is_pressed_gets_nobody_back(
    server: Server, client: Client, browser: Browser
) -> None:
    page = browser.go(client_id=client.client_id, post_logout_redirect_uri=AFTERWARDS)
    clients.delete(server.authority, client.tenant.record, client.client_id, actor="operator:test")

    reply = browser.confirm(page)

    assert led_nowhere(reply)
    assert "rescind_session" not in browser.http.cookies


@pytest.mark.parametrize("query", MALFORMED, ids=["doubled", "NUL", "bytes", "many", "long"])
def test_s4_by_a_request_that_cannot_be_read_the_person_is_asked_and_signed_out(
    client: Client, browser: Browser, query: str
) -> None:
    page = browser.http.get(f"/t/{client.tenant.name}/oidc/logout?{query}")
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert led_nowhere(page)
    assert led_nowhere(reply)
    assert_signed_out(client, browser)


def test_s4_a_post_that_is_no_form_asks_too(client: Client, browser: Browser) -> None:
    page = browser.http.post(f"/t/{client.tenant.name}/oidc/logout", json={"client_id": client.client_id})

    reply = browser.confirm(page)

    assert led_nowhere(reply)
    assert_signed_out(client, browser)


def test_s4_where_nobody_is_signed_in_it_is_said_as_well(client: Client, browser: Browser) -> None:
    browser.http.cookies.clear()

    reply = browser.go(client_id=client.client_id, post_logout_redirect_uri="https://evil.example/")

    assert led_nowhere(reply)
    assert "You are signed out." in reply.text


def test_s3_who_asks_for_no_way_back_is_told_of_none(client: Client, browser: Browser) -> None:
    page = browser.go(client_id=client.client_id)

    reply = browser.confirm(page)

    assert "no way back" not in page.text + reply.text
    assert_signed_out(client, browser)
