"""Pictures of every page, on a phone and on a desktop, plain and with a tenant's theme: `make screenshots`.

They are there to be looked at. The folder may be given: `python -m tests.browsers.screenshots FOLDER`.
"""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from rescind.domain.authority import Authority
from rescind.web.application import load_settings
from tests import chromium, stores
from tests.browsers import client_site, scenes
from tests.browsers.client_site import ClientSite
from tests.browsers.stage import Stage
from tests.servers import Server, gunicorn

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
LOOKS: dict[str, tuple[dict[str, str], bool]] = {
    "plain": ({"name": "Example Ltd"}, False),
    "plain-dark": ({"name": "Example Ltd"}, True),
    "themed": (scenes.LIGHT_YELLOW, False),
    "themed-dark": (scenes.LIGHT_YELLOW, True),
}


@contextlib.contextmanager
def _serving() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "RESCIND_DATABASE_URL": stores.migrate(f"sqlite:///{folder}/rescind.sqlite3"),
            "RESCIND_SECRET_KEY": "the-secret-key-of-the-pictures-0123456789",
            "RESCIND_INSTANCE_PATH": folder,
        }
        with gunicorn(Path(folder) / "log", environment) as (base_url, _):
            authority = Authority.open(load_settings({**environment, "RESCIND_PUBLIC_URL": base_url}))
            yield Server(authority, None, base_url)
            authority.store.dispose()


def _take(browser: Browser, server: Server, site: ClientSite, look: str, size: str, folder: Path) -> None:
    theme, is_dark = LOOKS[look]
    for name, scene in scenes.SCENES.items():
        tenant = server.new_tenant()
        scenes.look(tenant, theme)
        context = browser.new_context(viewport=SIZES[size], color_scheme="dark" if is_dark else "light")
        with contextlib.closing(context):
            page = context.new_page()
            scene(Stage(tenant, site, page))
            page.screenshot(path=folder / f"{name}-{look}-{size}.png", full_page=True)


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with _serving() as server, client_site.opened() as site, chromium.launched() as browser:
        for look, size in product(LOOKS, SIZES):
            _take(browser, server, site, look, size, folder)
    print(f"{len(LOOKS) * len(SIZES) * len(scenes.SCENES)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if sys.argv[1:] else "build/screenshots"))
