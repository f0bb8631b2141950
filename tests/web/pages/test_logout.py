"""OpenID Connect RP-Initiated Logout 1.0: a client sends the browser to `/oidc/logout` with an ID token."""

from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.registry import keys
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


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_a_link_that_nobody_has_followed_yet_signs_nobody_out(
    client: Client, browser: Browser, header: dict[str, str]
) -> None:
    browser.http.headers.update(header)
    ahead = browser.go(id_token_hint=browser.id_token)
    assert_signed_in(client, browser)
    browser.http.headers.pop(next(iter(header)))

    followed = browser.go(id_token_hint=browser.id_token)

    assert (ahead.status_code, followed.status_code) == (503, 200)
    assert_signed_out(client, browser)


def test_other_methods_are_refused(client: Client, browser: Browser) -> None:
    reply = browser.http.request(
        "HEAD", f"/t/{client.tenant.name}/oidc/logout", params={"id_token_hint": browser.id_token}
    )

    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, POST")
    assert_signed_in(client, browser)
