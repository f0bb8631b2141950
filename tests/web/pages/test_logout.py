"""OpenID Connect RP-Initiated Logout 1.0: a client sends the browser to `/oidc/logout` with an ID token."""

from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.registry import keys
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
]
MALFORMED = ["state=a&state=b", "state=%00", "state=%ff", "client_id=nobody", "&".join(["x=1"] * 101)]


@pytest.mark.requirement("LGO-01")
@pytest.mark.requirement("LGO-02")
@pytest.mark.requirement("LGO-04")
@pytest.mark.parametrize("send", [Browser.go, Browser.post], ids=["GET", "POST"])
def test_s2_an_id_token_of_this_session_signs_out_at_once_and_leads_back(
    client: Client, browser: Browser, send: Any
) -> None:
    reply = send(
        browser,
        id_token_hint=browser.id_token,
        post_logout_redirect_uri=AFTERWARDS,
        state="sign_out_success",
    )

    assert reply.status_code == 303
    assert reply.headers["Location"] == f"{AFTERWARDS}?state=sign_out_success"
    assert reply.headers["Cache-Control"] == "no-store"
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-01")
def test_s2_it_may_have_expired_and_its_key_be_replaced(
    server: Server, client: Client, browser: Browser
) -> None:
    keys.rotate(server.authority, client.tenant.record)
    clock.set(clock.now() + 3500)

    reply = browser.go(id_token_hint=browser.id_token)

    assert reply.status_code == 200
    assert_signed_out(client, browser)


def foreign(client: Client, id_token: str) -> str:
    """Give an ID token of another tenant, about a subject of the same name."""
    other = client.tenant.server.new_tenant()
    return str(signed_in(other.new_client(scope="openid read"))["id_token"])


def tampered(client: Client, id_token: str) -> str:
    """Give the ID token with another signature."""
    head, _, signature = id_token.rpartition(".")
    return f"{head}.{signature[::-1]}"


@pytest.mark.requirement("LGO-01")
@pytest.mark.parametrize(
    "forge", [foreign, tampered, lambda client, token: "rubbish"], ids=["foreign", "tampered", "rubbish"]
)
def test_s2_an_id_token_that_is_none_of_the_tenant_is_answered_by_a_page_and_ends_nothing(
    client: Client, browser: Browser, forge: Any
) -> None:
    reply = browser.go(
        id_token_hint=forge(client, browser.id_token),
        client_id=client.client_id,
        post_logout_redirect_uri=AFTERWARDS,
    )

    assert reply.status_code == 400
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "Location" not in reply.headers
    assert_signed_in(client, browser)


@pytest.mark.requirement("LGO-02")
@pytest.mark.parametrize("by", ["hint", "client_id"])
def test_s3_it_leads_nowhere_that_the_client_has_not_registered_to_the_letter(
    client: Client, browser: Browser, by: str
) -> None:
    who = {"hint": {"id_token_hint": browser.id_token}, "client_id": {"client_id": client.client_id}}[by]

    replies = [browser.go(post_logout_redirect_uri=address, **who) for address in OTHER_ADDRESSES]

    assert [reply.status_code for reply in replies] == [400] * len(OTHER_ADDRESSES)
    assert not any("Location" in reply.headers for reply in replies)
    assert_signed_in(client, browser)


@pytest.mark.requirement("LGO-02")
def test_s2_another_clients_address_is_none_of_this_one(
    tenant: Tenant, client: Client, browser: Browser
) -> None:
    evil = tenant.new_client(post_logout_redirect_uris=("https://evil.example/",))

    replies = [
        browser.go(id_token_hint=browser.id_token, post_logout_redirect_uri="https://evil.example/"),
        browser.go(id_token_hint=browser.id_token, client_id=evil.client_id),
        browser.go(post_logout_redirect_uri="https://evil.example/"),
    ]

    assert [reply.status_code for reply in replies] == [400, 400, 400]
    assert_signed_in(client, browser)


@pytest.mark.requirement("LGO-02")
def test_s3_a_state_is_added_to_the_query_that_was_registered(tenant: Tenant) -> None:
    client = tenant.new_client(scope="openid read", post_logout_redirect_uris=(f"{AFTERWARDS}?a=b",))
    browser = sign_in(client)

    reply = browser.go(
        id_token_hint=browser.id_token, post_logout_redirect_uri=f"{AFTERWARDS}?a=b", state="x&y=z ü"
    )

    assert reply.headers["Location"] == f"{AFTERWARDS}?a=b&state=x%26y%3Dz+%C3%BC"


def test_to_sign_out_again_is_harmless(client: Client, browser: Browser) -> None:
    browser.go(id_token_hint=browser.id_token)

    again = browser.go(id_token_hint=browser.id_token, post_logout_redirect_uri=AFTERWARDS, state="again")

    assert again.headers["Location"] == f"{AFTERWARDS}?state=again"
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-01")
def test_a_post_from_another_site_that_shows_the_id_token_needs_no_cookie(
    client: Client, browser: Browser
) -> None:
    browser.http.cookies.clear()

    reply = browser.post(id_token_hint=browser.id_token, post_logout_redirect_uri=AFTERWARDS)

    assert reply.headers["Location"] == AFTERWARDS
    assert_signed_out(client, browser)


def test_a_request_that_is_none_is_answered_by_a_page(client: Client, browser: Browser) -> None:
    address = f"/t/{client.tenant.name}/oidc/logout"

    replies = [browser.http.get(f"{address}?{query}") for query in MALFORMED]

    assert [reply.status_code for reply in replies] == [400] * len(MALFORMED)
    assert {reply.headers["Content-Type"] for reply in replies} == {"text/html; charset=utf-8"}
    assert_signed_in(client, browser)


def test_other_methods_are_refused(client: Client, browser: Browser) -> None:
    reply = browser.http.request(
        "HEAD", f"/t/{client.tenant.name}/oidc/logout", params={"id_token_hint": browser.id_token}
    )

    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, POST")
    assert_signed_in(client, browser)
