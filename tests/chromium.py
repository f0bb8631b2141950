"""A real, headless Chromium: the one of the npm registry, and where that does not run the one on the PATH.

All machines test with the same one so. `TEST_CHROMIUM=/usr/bin/chromium make test` tries another.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests import node_packages
from tests.patience import LONG_SECONDS

# Playwright's own five seconds are too few for a machine that is busy.
expect.set_options(timeout=LONG_SECONDS * 1000)
_UNPACKED = node_packages.FOLDER / "chromium"
# No sandbox, since tests run as root in containers; nothing that calls home; no proxy of the environment.
_ARGUMENTS = [
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--font-render-hinting=none",
    # One process draws the pages of all sites: which one does is nothing that a page could tell, and to start
    # another for each site of each test took most of the time.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium; each context of it is a browser with cookies of its own."""
    path, environment = _found()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, env={**os.environ, **environment}
        )
        try:
            yield browser
        finally:
            browser.close()


class Kept:
    """A Chromium that goes on from test to test, as long as each takes it.

    While it runs, the thread has an event loop, and no other can be started: before a test that does not take
    it, it has to end.
    """

    def __init__(self) -> None:
        self._running = contextlib.ExitStack()
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """Give it, started if it does not run."""
        if self._browser is None:
            self._browser = self._running.enter_context(launched())
        return self._browser

    def end(self) -> None:
        """End it, if it runs."""
        self._browser = None
        self._running.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a browser with cookies of its own, which waits for pages as long as tests do."""
    context = browser.new_context(**options)
    context.set_default_timeout(LONG_SECONDS * 1000)
    return context


def _found() -> tuple[str, dict[str, str]]:
    """Give the path of the browser, and what it needs in its environment."""
    named = os.environ.get("TEST_CHROMIUM")
    if named:
        return named, {}
    path = str(_UNPACKED / "chromium")
    libraries = f"{_UNPACKED / 'al2023' / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    environment = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(_UNPACKED / "fonts.conf")}
    if _runs(path, environment):
        return path, environment
    installed = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next(installed, path), {}


def _runs(path: str, environment: dict[str, str]) -> bool:
    """Tell whether it is there, and made for this kind of machine."""
    try:
        told = subprocess.run([path, "--version"], env={**os.environ, **environment}, capture_output=True)
    except OSError:
        return False
    return told.returncode == 0
