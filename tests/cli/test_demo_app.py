"""The demonstration in a browser: sign in to the app, allow it, take that back, and see that it is out."""

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cli.test_demo import (
    Demo,
    assert_it_ends_with_its_server_and_its_folder,
    demo,
    demo_shell,
)

__all__ = ["demo", "demo_shell"]


@pytest.mark.timeout(300)
def test_one_signs_in_allows_and_takes_it_back(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    asked = re.search(r"open (\S+) and sign in\s+as (\S+), with the password (\S+)", demo.said)
    assert asked
    app, person, password = asked.groups()
    page = chromium.new_page()

    page.goto(app)
    page.get_by_role("link", name="Sign in with Rescind").click()
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_text(f"is active: it acts for {person}.")).to_be_visible()
    page.get_by_role("link", name="your account").click()
    page.get_by_role("button", name="Remove access from Demo app").click()
    expect(page.get_by_text("No app has access")).to_be_visible()
    page.goto(app)

    expect(page.get_by_text("no longer active")).to_be_visible()
    assert f"{demo.base_url}/t/bifrost/account" in demo.said
    page.close()
    # As when the terminal is closed.
    assert_it_ends_with_its_server_and_its_folder(demo, signal.SIGHUP, tmp_path)
