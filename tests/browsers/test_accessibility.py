"""Every page can be read, reached and used: by a keyboard, on a phone, in large text, in any colour."""

import pytest
from playwright.sync_api import expect

from tests.browsers import accessibility, scenes
from tests.browsers.stage import Stage

# How a page looks does not depend on the store.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True, scope="session")
SCENES = pytest.mark.parametrize("scene", scenes.SCENES.values(), ids=scenes.SCENES)


@SCENES
def test_a_page_is_usable(stage: Stage, scene: scenes.Scene) -> None:
    scene(stage)

    assert accessibility.violations(stage.page) == []
    accessibility.unfold(stage.page)
    assert accessibility.violations(stage.page) == []
    assert accessibility.violations_in_the_dark(stage.page) == []
    assert accessibility.overflowing(stage.page) == []
    assert accessibility.small_targets(stage.page) == []


@SCENES
def test_a_page_is_usable_in_a_difficult_colour(stage: Stage, scene: scenes.Scene) -> None:
    scenes.look(stage.tenant, scenes.LIGHT_YELLOW)

    scene(stage)
    accessibility.unfold(stage.page)

    assert accessibility.contrast_violations(stage.page) == []
    assert accessibility.violations_in_the_dark(stage.page) == []


@pytest.mark.parametrize("name", ["sign-in-refused", "consent", "account-full", "sign-out"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(stage: Stage, name: str) -> None:
    scenes.SCENES[name](stage)
    accessibility.unfold(stage.page)

    found = accessibility.tab_through(stage.page)

    assert found.reached == found.everything
    assert min(found.rings) >= 2


@pytest.mark.parametrize("name", ["problem-unknown-client", "problem-out-of-date", "problem-nowhere"])
def test_a_page_that_says_what_is_wrong_looks_like_the_others(stage: Stage, name: str) -> None:
    scenes.SCENES[name](stage)

    expect(stage.page.get_by_role("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(stage.page.locator("body")).to_have_css("background-color", "rgb(243, 243, 246)")
