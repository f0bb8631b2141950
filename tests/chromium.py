"""A real, headless Chromium: the one on the PATH, else the one of the npm registry."""

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from tests import node_packages

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


def _found() -> tuple[str, dict[str, str]]:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        installed = shutil.which(name)
        if installed:
            return installed, {}
    libraries = f"{_UNPACKED / 'al2023' / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    return str(_UNPACKED / "chromium"), {
        "LD_LIBRARY_PATH": libraries,
        "FONTCONFIG_FILE": str(_UNPACKED / "fonts.conf"),
    }
