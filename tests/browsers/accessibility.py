"""What axe and a ruler find on a page."""

import functools
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests import node_packages

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 800}
SMALLEST_TARGET_PIXELS = 24

_RUN = """options => axe.run(document, options).then(({violations}) => violations.flatMap(
    ({id, impact, nodes}) => nodes.map(({html}) => `${impact} ${id}: ${html}`)))"""
_OVERFLOW = """() => [...document.querySelectorAll("body *")]
    .filter(each => !each.matches(".unseen") && each.getBoundingClientRect().right > innerWidth)
    .concat(document.documentElement.scrollWidth > innerWidth ? [document.documentElement] : [])
    .map(each => each.outerHTML)"""
_SMALL = """smallest => [...document.querySelectorAll(
        "button, summary, input:not([type=hidden], [hidden]), nav a")]
    .filter(each => each.offsetHeight < smallest || each.offsetWidth < smallest)
    .map(each => each.outerHTML)"""
_TEXT_SIZE = "percent => document.documentElement.style.fontSize = percent + '%'"
_CAN_BE_FOCUSED = "a[href], button, summary, input:not([type=hidden], [hidden])"
_UNFOLD = "() => document.querySelectorAll('details').forEach(each => each.open = true)"
_FOCUSED = f"""() => {{
    const {{outlineStyle, outlineWidth}} = getComputedStyle(document.activeElement)
    const all = [...document.querySelectorAll("{_CAN_BE_FOCUSED}")]
    return [all.indexOf(document.activeElement), outlineStyle == "none" ? 0 : parseFloat(outlineWidth)]
}}"""


@functools.cache
def _axe() -> str:
    return (node_packages.MODULES / "axe-core" / "axe.min.js").read_text()


def unfold(page: Page) -> None:
    """Open all that is folded, to be looked at too."""
    page.evaluate(_UNFOLD)


def violations(page: Page, **options: Any) -> list[str]:
    """Let axe look at a page: each violation, with its impact and where it is.

    Its source goes in by the browser's own debugger, to which the content security policy does not apply.
    """
    page.evaluate(_axe())
    found: list[str] = page.evaluate(_RUN, {"resultTypes": ["violations"], **options})
    return found


def contrast_violations(page: Page) -> list[str]:
    """Look for text that can't be read: all that a colour can change."""
    return violations(page, runOnly=["color-contrast"])


def violations_in_the_dark(page: Page) -> list[str]:
    """Look for text that can't be read by who has set the browser to dark."""
    page.emulate_media(color_scheme="dark")
    found = contrast_violations(page)
    page.emulate_media(color_scheme="light")
    return found


def overflowing(page: Page) -> list[str]:
    """Give what does not fit: on 320 pixels, and with text at twice its size."""
    found = []
    for size, percent in ((NARROW, 100), (NARROW, 200), (WIDE, 200)):
        page.set_viewport_size(size)
        page.evaluate(_TEXT_SIZE, percent)
        found += page.evaluate(_OVERFLOW)
    page.set_viewport_size(WIDE)
    page.evaluate(_TEXT_SIZE, 100)
    return found


def small_targets(page: Page) -> list[str]:
    """Give what is hard to hit with a finger."""
    found: list[str] = page.evaluate(_SMALL, SMALLEST_TARGET_PIXELS)
    return found


@dataclass
class Round:
    """What the Tab key comes by: which of the elements that can be used, and how wide each one's ring is."""

    everything: set[int]
    reached: set[int]
    rings: list[float]


def tab_through(page: Page) -> Round:
    """Press Tab until everything must have had its turn."""
    count = page.locator(_CAN_BE_FOCUSED).count()
    # Else a page that focuses something itself might do it in between.
    page.locator(_CAN_BE_FOCUSED).first.focus()
    seen = []
    for _ in range(count + 2):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED))
    focused = [(int(index), float(ring)) for index, ring in seen if index >= 0]
    return Round(set(range(count)), {index for index, _ in focused}, [ring for _, ring in focused])
