"""A person sees what they have given, and takes it back: at once, and everywhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browsers.stage import Stage
from tests.servers import Client

MOMENT = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC")


def test_the_account_page_shows_what_an_app_may_do_and_since_when(
    stage: Stage, page: Page, notes: Client
) -> None:
    stage.sign_in_before()
    stage.connect(notes, scope="openid notes")

    stage.open_account()

    entry = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Notes"))
    expect(entry.get_by_role("code")).to_have_text(["openid", "notes"])
    expect(entry.get_by_role("term")).to_have_text(["Access", "First given", "Last renewed"])
    expect(entry.get_by_role("time")).to_have_text([MOMENT, MOMENT])


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_access_that_is_removed_is_gone_at_once(
    new_stage: Callable[..., Stage], resource_server: Client, script: bool
) -> None:
    stage = new_stage(java_script_enabled=script)
    notes = stage.client()
    stage.sign_in_before()
    tokens = stage.connect(notes)
    stage.open_account()

    stage.press("Remove access from Notes")

    expect(stage.page.get_by_text("No app has access")).to_be_visible()
    assert not resource_server.is_active(tokens["access_token"])
    assert notes.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    stage.ask(notes)
    stage.sees("Allow access?")


def test_another_session_can_be_ended(
    stage: Stage, page: Page, new_stage: Callable[..., Stage], notes: Client, resource_server: Client
) -> None:
    phone = new_stage()
    phone.sign_in_before()
    on_the_phone = phone.connect(notes, scope="notes")
    stage.sign_in_before()
    stage.open_account()

    page.get_by_role("button", name="End session").click()

    expect(page.get_by_role("button", name="End session")).to_have_count(0)
    assert not resource_server.is_active(on_the_phone["access_token"])
    phone.open_account()
    phone.sees("Sign in")
    stage.open_account()
    stage.sees("Your account")


def test_signing_out_everywhere_leaves_nothing(
    stage: Stage, page: Page, new_stage: Callable[..., Stage], notes: Client, resource_server: Client
) -> None:
    phone = new_stage()
    phone.sign_in_before()
    on_the_phone = phone.connect(notes)
    calendar = phone.client("Calendar")
    phone.ask(calendar)
    stage.sign_in_before()
    here = stage.connect(calendar, scope="notes")
    stage.site.arrivals.clear()
    stage.open_account()

    stage.unfold("Sign out everywhere …")
    stage.press("Sign out everywhere")

    expect(page.get_by_text("You are signed out everywhere")).to_be_visible()
    assert not resource_server.is_active(on_the_phone["access_token"])
    assert not resource_server.is_active(here["access_token"])
    assert notes.refresh(on_the_phone["refresh_token"]).json()["error"] == "invalid_grant"
    # The form was open at the phone since before.
    phone.press("Allow")
    phone.sees("That did not work")
    assert stage.site.arrivals == []
    phone.open_account()
    phone.sees("Sign in")


def test_signing_in_again_works_after_signing_out_everywhere(
    stage: Stage, page: Page, notes: Client, alice: str, resource_server: Client
) -> None:
    stage.sign_in_before()
    stage.open_account()
    stage.unfold("Sign out everywhere …")
    stage.press("Sign out everywhere")
    page.get_by_role("link", name="Sign in again").click()
    stage.sign_in()
    stage.sees("Your account")

    tokens = stage.connect(notes)

    assert resource_server.is_active(tokens["access_token"])
