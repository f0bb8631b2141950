"""Signing in: what is asked when (OpenID Connect Core section 3.1.2.1), and the cookie that comes of it."""

import pytest

from rescind.domain import clock
from tests.servers import Client, Server, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

NOW = 1_800_000_000


@pytest.mark.requirement("AZ-08")
def test_prompt_none_without_a_session_is_login_required(browser: Browser, client: Client) -> None:
    page = ask(browser, client, prompt="none")

    assert page.answer["error"] == "login_required"


@pytest.mark.requirement("AZ-08")
def test_prompt_none_without_consent_is_consent_required(alices: Browser, client: Client) -> None:
    page = ask(alices, client, prompt="none")

    assert page.answer["error"] == "consent_required"


@pytest.mark.requirement("AZ-08")
def test_prompt_none_with_both_gives_a_code(alices: Browser, client: Client) -> None:
    tokens_of(client, allowed(alices, client))

    page = ask(alices, client, prompt="none")

    assert tokens_of(client, page)["scope"] == "openid notes"


@pytest.mark.requirement("AZ-08")
def test_prompt_none_with_a_session_that_is_too_old_is_login_required(
    alices: Browser, client: Client
) -> None:
    tokens_of(client, allowed(alices, client))

    page = ask(alices, client, prompt="none", max_age="0")

    assert page.answer["error"] == "login_required"


@pytest.mark.requirement("AZ-09")
@pytest.mark.parametrize(
    "changes",
    [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "59"}, {"prompt": "select_account"}],
    ids=str,
)
def test_credentials_are_asked_for_again(
    browser: Browser, client: Client, alice: str, changes: dict[str, str]
) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    tokens_of(client, allowed(browser, client))
    clock.set(NOW + 60)

    page = ask(browser, client, **changes)
    answered = browser.sign_in(page)

    assert 'type="password"' in page.text
    assert tokens_of(client, answered)["scope"] == "openid notes"


@pytest.mark.requirement("AZ-09")
def test_max_age_that_is_not_exceeded_asks_nothing(browser: Browser, client: Client) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    clock.set(NOW + 60)

    page = ask(browser, client, max_age="60")

    assert page.form("/consent")


@pytest.mark.requirement("AZ-10")
def test_login_hint_fills_the_username_in(browser: Browser, client: Client) -> None:
    page = ask(browser, client, login_hint='bob"><script>alert(1)</script>')

    assert page.form("/sign-in").fields["username"] == 'bob"><script>alert(1)</script>'
    assert "<script>alert" not in page.text


@pytest.mark.requirement("AZ-15")
@pytest.mark.settings(public_url="https://auth.example.com")
def test_the_session_is_in_a_cookie_of_this_host_and_tenant_alone(
    browser: Browser, client: Client, alice: str
) -> None:
    page = browser.sign_in(ask(browser, client))

    cookies = [each.split("; ") for each in page.response.headers.get_list("Set-Cookie")]
    name = f"__Host-rescind_session_{client.tenant.name}="
    attributes = next(parts[1:] for parts in cookies if parts[0].startswith(name))
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


@pytest.mark.requirement("AZ-15")
def test_a_sign_in_takes_no_session_id_that_was_there(browser: Browser, client: Client, alice: str) -> None:
    browser.http.cookies.set("rescind_session", "fixed", domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    browser.sign_in(ask(browser, client))

    assert browser.cookie("rescind_session") not in ("", "fixed")


@pytest.mark.requirement("LGO-04")
def test_after_signing_in_again_a_logout_ends_what_was_granted_before(
    browser: Browser, client: Client, alice: str, resource_server: Client
) -> None:
    consent = browser.sign_in(ask(browser, client))
    tokens = tokens_of(client, browser.send(consent.form("/consent"), "allow"))
    browser.sign_in(ask(browser, client, prompt="login"))

    browser.open(f"/t/{client.tenant.name}/oidc/logout", {"id_token_hint": tokens["id_token"]})

    assert not resource_server.is_active(tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_after_signing_in_again_there_is_one_session_of_now(
    browser: Browser, client: Client, alice: str
) -> None:
    clock.set(NOW)
    browser.sign_in(ask(browser, client))
    clock.set(NOW + 60)
    browser.sign_in(ask(browser, client, prompt="login"))

    page = browser.open(account_of(client.tenant))

    assert page.text.count("<dt>Signed in</dt>") == 1
    assert "08:01 UTC" in page.text


@pytest.mark.requirement("AZ-15")
def test_signing_in_again_makes_a_new_cookie(browser: Browser, client: Client, alice: str) -> None:
    browser.sign_in(ask(browser, client))
    before = browser.cookie("rescind_session")

    browser.sign_in(ask(browser, client, prompt="login"))

    assert browser.cookie("rescind_session") not in ("", before)


@pytest.mark.requirement("AZ-16")
def test_an_unknown_user_and_a_wrong_password_look_the_same(
    browser: Browser, client: Client, alice: str
) -> None:
    page = ask(browser, client)

    wrong = browser.sign_in(page, "alice", "not the password of alice")
    unknown = browser.sign_in(page, "nobody", "not the password of alice")

    assert wrong.status == unknown.status == 400
    assert "is not right" in wrong.text
    assert wrong.text.replace("alice", "nobody") == unknown.text


@pytest.mark.requirement("AZ-16")
def test_after_a_wrong_password_the_same_page_goes_on(browser: Browser, client: Client, alice: str) -> None:
    wrong = browser.sign_in(ask(browser, client), "alice", "not the password of alice")

    page = browser.sign_in(wrong)

    assert page.form("/consent")


@pytest.mark.requirement("AZ-16")
@pytest.mark.settings(sign_in_attempts=1)
def test_too_many_attempts_are_told_when_to_come_back(browser: Browser, client: Client, alice: str) -> None:
    page = ask(browser, client)
    browser.sign_in(page, "alice", "not the password of alice")

    refused = browser.sign_in(page)

    assert refused.status == 429
    assert int(refused.response.headers["Retry-After"]) > 0
    assert refused.form("/sign-in")
    assert browser.cookie("rescind_session") == ""


@pytest.mark.requirement("TEN-09")
def test_the_cookie_of_a_tenant_does_not_sign_in_at_another(
    alices: Browser, other_tenant: Tenant, client: Client
) -> None:
    cookie = alices.cookie("rescind_session")
    alices.http.cookies.set("rescind_session", cookie, domain="127.0.0.1", path=f"/t/{other_tenant.name}")

    page = ask(alices, new_client(other_tenant))

    assert page.form("/sign-in")
    assert ask(alices, client).form("/consent")


@pytest.mark.requirement("TEN-09")
def test_the_code_of_a_tenant_is_nothing_at_another(
    alices: Browser, client: Client, other_tenant: Tenant
) -> None:
    code = allowed(alices, client).answer["code"]
    twin = new_client(other_tenant, client_id=client.client_id)

    reply = twin.exchange(code)

    assert reply.json()["error"] == "invalid_grant"
    assert client.exchange(code).status_code == 200


@pytest.mark.requirement("TEN-09")
def test_the_form_of_a_tenant_is_nothing_at_another(
    browser: Browser, client: Client, other_tenant: Tenant, alice: str
) -> None:
    page = ask(browser, client)
    new_client(other_tenant, client_id=client.client_id)
    value = browser.cookie("rescind_browser")
    browser.http.cookies.set("rescind_browser", value, domain="127.0.0.1", path=f"/t/{other_tenant.name}")

    fields = page.form("/sign-in").filled(username="alice", password=PASSWORD)
    sent = browser.post(f"/t/{other_tenant.name}/sign-in", fields)

    assert sent.status == 400
    assert "out of date" in sent.text


@pytest.mark.requirement("AZ-03")
@pytest.mark.parametrize("path", ["oauth2/authorize", "sign-in", "consent", "account", "style.css"])
def test_an_unknown_tenant_has_no_pages(server: Server, path: str) -> None:
    with server.http() as http:
        replies = [http.get(f"/t/nobody/{path}"), http.post(f"/t/nobody/{path}", data={"form": "x"})]

    assert {reply.status_code for reply in replies} <= {404, 405}
    assert replies[0].status_code == 404
