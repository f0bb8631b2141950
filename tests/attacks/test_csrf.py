"""CSRF (RFC 6749 section 10.12) on every form there is: an attacker's page sends it in the victim's name.

The forms are counted by the addresses of the application, so one that is new and not listed fails here.
"""

import pytest

from rescind.domain import clock
from rescind.domain.people import users
from tests.attacks.forms import FORMS, OF_A_SESSION, filled, refused
from tests.attacks.routes import POST, answers
from tests.servers import Client, Server
from tests.web.pages.asking import STATE, account_of, address_of, allowed, ask, request, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser

NOW = 1_800_000_000
# A standard says that clients send people there with a POST: it does no more than a link.
LIKE_A_LINK = {"oauth2/authorize", "oidc/logout"}
each_form = pytest.mark.parametrize("path", FORMS)
each_form_of_a_session = pytest.mark.parametrize("path", OF_A_SESSION)
pytestmark = pytest.mark.requirement("AZ-13")


def is_alice_here(browser: Browser, client: Client) -> bool:
    return "<strong>alice</strong>" in browser.open(account_of(client.tenant)).text


def test_every_address_that_takes_a_post_is_one_of_a_form_that_is_tested_here(
    server: Server, alices: Browser, client: Client
) -> None:
    found = answers(server, alices, client.tenant.name, POST)

    assert {path for path, reply in found.items() if reply.status_code != 405} == {*FORMS, *LIKE_A_LINK}


def test_a_post_of_nothing_does_nothing(server: Server, alices: Browser, client: Client) -> None:
    tokens = tokens_of(client, allowed(alices, client, scope="notes"))

    found = answers(server, alices, client.tenant.name, POST)

    assert {reply.status_code for path, reply in found.items() if path not in LIKE_A_LINK} == {400, 405}
    assert is_alice_here(alices, client)
    assert client.refresh(tokens["refresh_token"]).status_code == 200


@each_form
def test_a_form_without_a_seal_does_nothing(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)

    page = alices.post(form.action, {**filled(form), "form": "x"})

    assert refused(page)
    assert is_alice_here(alices, client)


@each_form
def test_a_form_that_was_changed_does_nothing(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)

    page = alices.post(form.action, {**filled(form), "form": form.fields["form"] + "A"})

    assert refused(page)
    assert is_alice_here(alices, client)


@each_form
def test_a_form_that_the_attacker_was_shown_does_nothing(
    alices: Browser, mallorys: Browser, client: Client, path: str
) -> None:
    alices.open(account_of(client.tenant))
    form = FORMS[path](mallorys, client)

    page = alices.post(form.action, filled(form))

    assert refused(page)
    assert is_alice_here(alices, client)


@each_form
def test_a_form_is_good_for_one_purpose(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)
    other = next(get for name, get in FORMS.items() if name != path)(alices, client)

    page = alices.post(form.action, {**filled(form), "form": other.fields["form"]})

    assert refused(page)
    assert is_alice_here(alices, client)


@each_form
def test_a_form_of_an_hour_ago_does_nothing(browser: Browser, client: Client, path: str) -> None:
    clock.set(NOW)
    signed_in(browser, client.tenant)
    form = FORMS[path](browser, client)
    clock.set(NOW + 3601)

    page = browser.post(form.action, filled(form))

    assert refused(page)


@pytest.mark.parametrize("path", [path for path in OF_A_SESSION if path != "oidc/logout"])
def test_the_form_of_another_session_does_nothing(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)
    alices.http.cookies.delete("rescind_session")
    signed_in(alices, client.tenant)

    page = alices.post(form.action, filled(form))

    assert refused(page)
    assert is_alice_here(alices, client)


# Of the others the address is that of a page, too.
@pytest.mark.parametrize(
    "path", [path for path in FORMS if path not in {"oidc/logout", "device", "account/tokens"}]
)
def test_a_form_in_a_link_does_nothing(alices: Browser, client: Client, path: str) -> None:
    form = FORMS[path](alices, client)

    page = alices.open(form.action, filled(form))

    assert page.status == 405
    assert page.response.headers["Allow"] == "POST"
    assert is_alice_here(alices, client)


@each_form_of_a_session
def test_with_a_cookie_that_the_attacker_has_planted_no_form_of_a_session_does_anything(
    alices: Browser, mallorys: Browser, client: Client, path: str
) -> None:
    form = FORMS[path](mallorys, client)
    known = mallorys.cookie("rescind_browser")
    alices.http.cookies.set("rescind_browser", known, domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    page = alices.post(form.action, filled(form))

    assert page.status == 400
    assert page.left_for == ""
    assert is_alice_here(alices, client)


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nobody_is_signed_in_as_the_attacker_by_a_page_that_planted_its_cookie(
    browser: Browser, mallorys: Browser, client: Client, site: str
) -> None:
    users.create(client.tenant.server.authority, client.tenant.record, "mallory", PASSWORD)
    form = FORMS["sign-in"](mallorys, client)
    known = mallorys.cookie("rescind_browser")
    browser.http.cookies.set("rescind_browser", known, domain="127.0.0.1", path=f"/t/{client.tenant.name}")

    reply = browser.http.post(form.action, data=filled(form, "mallory"), headers={"Sec-Fetch-Site": site})

    assert reply.status_code == 400
    assert browser.cookie("rescind_session") == ""
    assert browser.open(account_of(client.tenant)).form("/sign-in")


@each_form
@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_a_page_of_another_site_sends_does_nothing(
    alices: Browser, client: Client, alice: str, path: str, site: str
) -> None:
    form = FORMS[path](alices, client)

    reply = alices.http.post(form.action, data=filled(form), headers={"Sec-Fetch-Site": site})

    assert reply.status_code == 400
    assert "out of date" in reply.text
    assert is_alice_here(alices, client)


@each_form
@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_that_was_sent_from_its_own_page_is_taken(
    alices: Browser, client: Client, alice: str, path: str, site: str
) -> None:
    form = FORMS[path](alices, client)

    reply = alices.http.post(form.action, data=filled(form), headers={"Sec-Fetch-Site": site})

    assert reply.status_code in {200, 303}
    assert "out of date" not in reply.text


def test_a_post_of_an_authorization_request_from_elsewhere_asks_as_a_link_does(
    alices: Browser, client: Client
) -> None:
    posted = alices.http.post(address_of(client.tenant), data=request(client, scope="notes"))
    page = alices.open(posted.headers["Location"])

    assert posted.status_code == 303
    assert posted.headers["Location"].startswith(f"{address_of(client.tenant)}?")
    assert page.form("/consent")
    assert alices.send(page.form("/consent"), "allow").answer["state"] == STATE


def test_a_post_to_the_logout_from_elsewhere_ends_nothing(alices: Browser, client: Client) -> None:
    tokens = tokens_of(client, allowed(alices, client, scope="notes"))

    page = alices.post(f"/t/{client.tenant.name}/oidc/logout", {"client_id": client.client_id})

    assert page.form("/oidc/logout")
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert is_alice_here(alices, client)


def test_a_link_to_the_authorize_endpoint_never_answers_for_a_person_who_has_not_agreed(
    alices: Browser, client: Client
) -> None:
    pages = [ask(alices, client, prompt=prompt) for prompt in (None, "login", "consent", "none")]

    assert [page.answer.get("code") for page in pages] == [None] * 4
