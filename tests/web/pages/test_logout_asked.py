"""OpenID Connect RP-Initiated Logout 1.0 section 2: without an ID token the person is asked."""

from urllib.parse import parse_qsl

import pytest

from tests.servers import Client, Tenant
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


@pytest.mark.requirement("LGO-03")
@pytest.mark.parametrize("with_client", [{}, {"post_logout_redirect_uri": AFTERWARDS, "state": "done"}])
def test_s2_without_an_id_token_the_person_is_asked_and_then_signed_out(
    client: Client, browser: Browser, with_client: dict[str, str]
) -> None:
    page = browser.go(client_id=client.client_id, **with_client)
    assert_signed_in(client, browser)

    reply = browser.confirm(page)

    assert page.status_code == 200
    assert "Shop" in page.text
    assert reply.headers.get("Location") == (f"{AFTERWARDS}?state=done" if with_client else None)
    assert_signed_out(client, browser)


@pytest.mark.requirement("LGO-03")
def test_an_id_token_of_somebody_else_does_not_sign_this_person_out(client: Client, browser: Browser) -> None:
    bob = sign_in(client, "bob")

    page = bob.go(id_token_hint=browser.id_token, post_logout_redirect_uri=AFTERWARDS)
    reply = bob.confirm(page)

    assert "Sign out?" in page.text
    assert "bob" in page.text
    assert_signed_in(client, browser)
    assert reply.headers["Location"] == AFTERWARDS
    assert "rescind_session" not in bob.http.cookies


@pytest.mark.requirement("LGO-03")
def test_s2_of_an_id_token_of_another_session_the_person_is_asked_and_both_end(
    client: Client, browser: Browser
) -> None:
    later = sign_in(client)
    page = later.go(id_token_hint=browser.id_token, post_logout_redirect_uri=AFTERWARDS, state="s")
    assert_signed_in(client, browser)
    assert_signed_in(client, later)

    reply = later.confirm(page)

    assert "Sign out?" in page.text
    assert reply.headers["Location"] == f"{AFTERWARDS}?state=s"
    assert_signed_out(client, later)
    assert not client.is_active(browser.tokens["access_token"])
    assert not client.is_active(browser.tokens["refresh_token"])


@pytest.mark.requirement("LGO-03")
@pytest.mark.requirement("LGO-04")
def test_of_a_browser_that_shows_several_sessions_none_is_left(client: Client, browser: Browser) -> None:
    other = sign_in(client)
    cookies = [f"rescind_session={each.http.cookies['rescind_session']}" for each in (browser, other)]
    browser.http.cookies.delete("rescind_session")
    browser.http.headers["Cookie"] = "; ".join(cookies)
    page = browser.go(id_token_hint=browser.id_token)
    browser.http.headers["Cookie"] += f"; rescind_browser={page.cookies['rescind_browser']}"

    reply = browser.confirm(page)

    assert reply.status_code == 200
    assert not client.is_active(browser.tokens["access_token"])
    assert not client.is_active(other.tokens["access_token"])


@pytest.mark.requirement("LGO-03")
def test_what_was_confirmed_ends_also_when_the_session_has_ended_meanwhile(
    client: Client, browser: Browser
) -> None:
    later = sign_in(client)
    page = later.go(id_token_hint=browser.id_token)
    later.http.cookies.delete("rescind_session")

    later.confirm(page)

    assert not client.is_active(browser.tokens["access_token"])
    assert not client.is_active(later.tokens["access_token"])


@pytest.mark.requirement("LGO-03")
def test_the_form_of_one_browser_signs_nobody_out_in_another(client: Client, browser: Browser) -> None:
    attacker = sign_in(client, "bob")
    page = attacker.go()

    reply = browser.confirm(page)

    assert reply.status_code == 400
    assert_signed_in(client, browser)


@pytest.mark.requirement("LGO-03")
def test_the_form_is_good_for_the_browser_that_was_shown_it(client: Client, browser: Browser) -> None:
    page = browser.go()
    browser.http.cookies.delete("rescind_browser")

    reply = browser.confirm(page)

    assert reply.status_code == 400
    assert_signed_in(client, browser)


def test_the_form_is_good_for_the_session_that_was_asked_about(client: Client, browser: Browser) -> None:
    page = browser.go()
    later = sign_in(client, "bob")
    browser.http.cookies.update(later.http.cookies)

    reply = browser.confirm(page)

    assert reply.status_code == 400
    assert client.is_active(browser.tokens["access_token"])


def test_the_page_that_asks_may_lead_to_the_client_and_can_not_be_framed(
    client: Client, browser: Browser
) -> None:
    page = browser.go(client_id=client.client_id, post_logout_redirect_uri=AFTERWARDS)

    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' https:")
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"


def test_a_post_from_another_site_that_shows_none_comes_again_with_its_cookie(
    client: Client, browser: Browser
) -> None:
    form = {"client_id": client.client_id, "post_logout_redirect_uri": AFTERWARDS, "state": "s"}
    with client.tenant.server.http() as without_cookie:
        reply = without_cookie.post(f"/t/{client.tenant.name}/oidc/logout", data={**form, "unknown": "x"})

    page = browser.http.get(reply.headers["Location"])

    assert reply.status_code == 303
    address, _, query = reply.headers["Location"].partition("?")
    assert address == f"/t/{client.tenant.name}/oidc/logout"
    assert dict(parse_qsl(query)) == form
    assert "Sign out?" in page.text


def test_nobody_is_asked_where_nobody_is_signed_in(client: Client) -> None:
    with client.tenant.server.http() as http:
        plain = http.get(f"/t/{client.tenant.name}/oidc/logout")
        back = http.get(
            f"/t/{client.tenant.name}/oidc/logout",
            params={"client_id": client.client_id, "post_logout_redirect_uri": AFTERWARDS},
        )

    assert (plain.status_code, "Signed out" in plain.text) == (200, True)
    assert back.headers["Location"] == AFTERWARDS


@pytest.mark.requirement("TEN-09")
def test_the_cookie_of_another_tenant_is_that_of_nobody(browser: Browser, other_tenant: Tenant) -> None:
    cookie = f"rescind_session={browser.http.cookies['rescind_session']}"
    with other_tenant.server.http() as http:
        page = http.get(f"/t/{other_tenant.name}/oidc/logout", headers={"Cookie": cookie})

    assert page.status_code == 200
    assert "alice" not in page.text
    assert "Signed out" in page.text
