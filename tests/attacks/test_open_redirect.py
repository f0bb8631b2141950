"""Open redirects (RFC 9700 section 4.11): nobody is led from here to where no client has registered.

Every way in which an address may differ from the registered one is in
tests/pages/test_rfc6749_authorize.py, of the address after a logout in tests/web/pages/test_logout.py.
"""

import pytest

from tests.attacks.forms import FORMS, OF_A_SESSION
from tests.servers import CALLBACK, Client
from tests.web.pages.asking import account_of, address_of, ask, request
from tests.web.pages.browser import PASSWORD, Browser

EVIL = "https://evil.example/callback"
# What frameworks read such addresses from; a form that took one of these would obey whoever wrote the link.
NAMES = ["next", "redirect_uri", "return_to", "post_logout_redirect_uri", "login_url", "continue"]
SMUGGLED = dict.fromkeys(NAMES, EVIL)
FORGED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}


@pytest.mark.requirement("AZ-03")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"prompt": "none"},
        {"scope": "other"},
        {"response_type": "token"},
        {"code_challenge": None},
        {"response_mode": "form_post"},
        {"request_uri": EVIL},
        {"id_token_hint": "x"},
    ],
    ids=["as it is", "prompt", "scope", "type", "challenge", "form_post", "request_uri", "hint"],
)
@pytest.mark.parametrize("who", ["alice", "nobody"])
def test_no_error_leads_to_an_address_that_is_not_registered(
    alices: Browser, browser: Browser, client: Client, who: str, changes: dict[str, str | None]
) -> None:
    at = {"alice": alices, "nobody": browser}[who]

    page = ask(at, client, redirect_uri=EVIL, **changes)

    assert page.status == 400
    assert page.left_for == ""
    assert "evil.example" not in page.text


@pytest.mark.usefixtures("cheap_hashes")
def test_the_sign_in_leads_on_to_the_request_that_it_was_shown_for_and_nowhere_else(
    browser: Browser, client: Client, alice: str
) -> None:
    form = ask(browser, client).form("/sign-in")
    fields = {**SMUGGLED, **form.filled(username="alice", password=PASSWORD)}

    reply = browser.http.post(form.action, params=SMUGGLED, data=fields)

    assert reply.status_code == 200
    assert "evil.example" not in reply.text
    assert "client.example" in reply.text


@pytest.mark.usefixtures("cheap_hashes")
def test_the_sign_in_of_the_account_page_leads_back_to_it_and_nowhere_else(
    browser: Browser, client: Client, alice: str
) -> None:
    form = browser.open(account_of(client.tenant), SMUGGLED).form("/sign-in")
    fields = {**SMUGGLED, **form.filled(username="alice", password=PASSWORD)}

    reply = browser.http.post(form.action, params=SMUGGLED, data=fields)

    assert reply.headers["Location"] == account_of(client.tenant)


@pytest.mark.parametrize("button", ["allow", "deny"])
def test_the_consent_leads_back_to_the_client_and_nowhere_else(
    alices: Browser, client: Client, button: str
) -> None:
    form = ask(alices, client).form("/consent")

    reply = alices.http.post(form.action, params=SMUGGLED, data={**SMUGGLED, **form.filled(button)})

    assert reply.headers["Location"].startswith(f"{CALLBACK}?")


# The one leads to the client, the other says that the password is not right.
ANSWERED = {"consent", "account/password"}


@pytest.mark.parametrize("path", [path for path in OF_A_SESSION if path not in ANSWERED])
def test_every_other_form_leads_to_a_page_of_this_server(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)

    reply = alices.http.post(form.action, params=SMUGGLED, data={**SMUGGLED, **form.filled()})

    assert reply.status_code in {200, 303}
    assert reply.headers.get("Location", "/t/").startswith("/t/")
    assert "evil.example" not in reply.headers.get("Location", "") + reply.text


def test_who_forges_the_name_of_the_server_is_led_nowhere(alices: Browser, client: Client) -> None:
    posted = alices.http.post(address_of(client.tenant), data=request(client), headers=FORGED)
    answered = alices.http.get(
        address_of(client.tenant), params=request(client, prompt="none"), headers=FORGED
    )

    assert posted.headers["Location"].startswith("/t/")
    assert answered.headers["Location"].startswith(f"{CALLBACK}?error=")
    assert "evil.example" not in posted.headers["Location"] + answered.headers["Location"]


@pytest.mark.parametrize(
    "path",
    ["//evil.example/t/{}/account", "/t/{}//evil.example", "/t/{}/account//evil.example", "/t//{}/account"],
)
def test_an_address_with_a_second_slash_is_no_redirect(alices: Browser, client: Client, path: str) -> None:
    reply = alices.http.get(f"{alices.http.base_url}".rstrip("/") + path.format(client.tenant.name))

    assert reply.status_code == 404
    assert "Location" not in reply.headers
