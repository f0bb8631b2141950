"""A person lets a client in, or not: from the client's site through the pages and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browsers.stage import Stage
from tests.servers import Client
from tests.web.pages.asking import STATE
from tests.web.pages.browser import PASSWORD

_IN_A_FRAME = """url => document.body.append(Object.assign(document.createElement("iframe"), {src: url}))"""


@pytest.mark.requirement("AZ-01")
@pytest.mark.requirement("AZ-02")
@pytest.mark.requirement("OID-01")
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_who_signs_in_and_allows_it_comes_back_with_a_code(
    new_stage: Callable[..., Stage], alice: str, resource_server: Client, script: bool
) -> None:
    stage = new_stage(java_script_enabled=script)
    notes = stage.client()
    stage.ask(notes, nonce="a nonce")
    stage.sign_in()
    for_notes = stage.page.get_by_role("list", name="It would be allowed to").get_by_role("listitem")
    expect(for_notes).to_have_text(
        [
            "know who you are openid",
            "see your name, your picture and what else your profile holds profile",
            "use notes",
            "keep access after you have signed out offline_access",
        ]
    )

    stage.press("Allow")

    arrival = stage.arrives()
    assert arrival.query.startswith("code=")
    assert list(arrival.answer) == ["code", "state", "iss"]
    assert (arrival.answer["state"], arrival.answer["iss"]) == (STATE, stage.tenant.issuer)
    tokens = stage.tokens(notes)
    assert resource_server.is_active(tokens["access_token"])
    assert "id_token" in tokens


@pytest.mark.requirement("AZ-01")
def test_the_keyboard_is_enough(stage: Stage, page: Page, notes: Client, alice: str) -> None:
    stage.ask(notes)
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    stage.sees("Allow access?")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="your account page")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Allow")).to_be_focused()

    page.keyboard.press("Enter")

    assert stage.arrives().answer["code"]


@pytest.mark.requirement("AZ-05")
def test_who_denies_it_comes_back_with_nothing(stage: Stage, page: Page, notes: Client) -> None:
    stage.sign_in_before()
    stage.ask(notes)

    stage.press("Cancel")

    assert stage.arrives().answer["error"] == "access_denied"
    assert stage.arrives().answer["state"] == STATE
    assert "code" not in stage.arrives().answer
    stage.open_account()
    expect(page.get_by_text("No app has access")).to_be_visible()


def test_consent_is_remembered(stage: Stage, notes: Client, resource_server: Client) -> None:
    stage.sign_in_before()
    stage.connect(notes)
    stage.site.arrivals.clear()

    stage.ask(notes)

    assert resource_server.is_active(stage.tokens(notes)["access_token"])


@pytest.mark.requirement("AZ-16")
def test_a_wrong_password_is_said_and_the_username_stays(
    stage: Stage, page: Page, notes: Client, alice: str
) -> None:
    stage.ask(notes)

    stage.sign_in("not her password")

    expect(page.get_by_role("alert")).to_have_text("The username or the password is not right.")
    expect(page.get_by_label("Username")).to_have_value("alice")
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    stage.sees("Allow access?")


@pytest.mark.requirement("AZ-09")
def test_a_client_can_have_the_password_asked_for_again(
    stage: Stage, page: Page, notes: Client, alice: str
) -> None:
    stage.sign_in_before()
    stage.connect(notes)
    stage.site.arrivals.clear()

    stage.ask(notes, prompt="login")

    expect(page.get_by_label("Username")).to_have_value("alice")
    assert stage.site.arrivals == []
    stage.sign_in()
    assert stage.arrives().answer["code"]


def test_the_answer_comes_in_a_form_by_itself_where_the_client_asks_for_one(
    stage: Stage, notes: Client, resource_server: Client
) -> None:
    stage.sign_in_before()
    stage.ask(notes, response_mode="form_post")

    stage.press("Allow")

    arrival = stage.arrives()
    assert (arrival.method, arrival.query) == ("POST", "")
    assert list(arrival.answer) == ["code", "state", "iss"]
    assert resource_server.is_active(stage.tokens(notes)["access_token"])
    assert len(stage.site.arrivals) == 1


def test_without_a_script_the_form_has_a_button(
    new_stage: Callable[..., Stage], resource_server: Client
) -> None:
    stage = new_stage(java_script_enabled=False)
    notes = stage.client()
    stage.sign_in_before()
    stage.ask(notes, response_mode="form_post")
    stage.press("Allow")

    stage.press("Continue")

    assert stage.arrives().method == "POST"
    assert resource_server.is_active(stage.tokens(notes)["access_token"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["the same site", "another site"])
def test_with_prompt_none_the_form_comes_in_a_frame_of_the_clients(
    stage: Stage, page: Page, host: str
) -> None:
    callback = stage.site.callback.replace("localhost", host)
    notes = stage.tenant.new_client(is_public=True, scope="notes", redirect_uris=[callback])
    stage.sign_in_before()
    asked = {"redirect_uri": callback, "scope": "notes"}
    stage.ask(notes, **asked)
    stage.press("Allow")
    assert notes.exchange(stage.arrives().answer["code"], redirect_uri=callback).status_code == 200
    page.goto(callback)

    frame = stage.address(notes, **asked, prompt="none", response_mode="form_post")
    page.evaluate(_IN_A_FRAME, frame)

    expect(page.frame_locator("iframe").get_by_role("heading", name="Back at Notes")).to_be_visible()
    arrival = stage.site.newest("/callback")
    assert arrival.method == "POST"
    # A browser brings no cookie into the frame of another site (SameSite).
    assert {"127.0.0.1": "code", "localhost": "error"}[host] in arrival.answer


def test_an_app_finds_the_answer_in_the_window_that_it_has_opened(
    stage: Stage, page: Page, notes: Client, alice: str
) -> None:
    page.goto(stage.site.callback)
    with page.expect_popup() as opened:
        page.evaluate("url => window.open(url) && 0", stage.address(notes))
    window = Stage(stage.tenant, stage.site, opened.value)

    window.sees("Sign in")
    window.sign_in()
    window.press("Allow")

    assert window.arrives().answer["code"]
    assert window.page.evaluate("opener !== null && !opener.closed")


def test_nobody_holds_a_window_in_which_he_has_opened_the_account(stage: Stage, page: Page) -> None:
    stage.sign_in_before()
    page.goto(stage.site.callback)
    with page.expect_popup() as opened:
        page.evaluate("url => (window.held = window.open(url)) && 0", stage.account)

    expect(opened.value.get_by_role("heading", name="Your account")).to_be_visible()
    assert opened.value.evaluate("opener === null")
    assert page.evaluate("held.closed")


def test_somebody_else_can_take_over_at_the_browser(
    stage: Stage, page: Page, notes: Client, alice: str
) -> None:
    stage.sign_in_before("bob")
    stage.ask(notes)

    stage.press("Use another account")

    expect(page.get_by_label("Username")).to_have_value("")
    stage.sign_in()
    expect(page.get_by_text("asks for access to your account, alice.")).to_be_visible()
    stage.press("Allow")
    assert stage.arrives().answer["code"]


def test_a_password_can_be_seen_while_it_is_typed(stage: Stage, page: Page, notes: Client) -> None:
    stage.ask(notes)
    field = page.get_by_label("Password", exact=True)
    field.fill(PASSWORD)
    expect(field).to_have_attribute("type", "password")

    stage.press("Show password")

    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value(PASSWORD)
    expect(page.get_by_role("button", name="Show password")).to_have_attribute("aria-pressed", "true")
