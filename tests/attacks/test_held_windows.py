"""Windows that somebody else has opened: Cross-Origin-Opener-Policy (HTML standard) at every page there is.

Who holds a window can see where it goes, and send it elsewhere. An app that has people sign in in a window of
its own waits for that one to come back, so the pages on the way there do not take it away from the app.
"""

import pytest

from tests.attacks.routes import GET, POST, answers
from tests.attacks.test_clickjacking import PAGES, page_of
from tests.servers import Client, Server
from tests.web.pages.browser import Browser

pytestmark = pytest.mark.requirement("AZ-12")
# They end at a client's.
ON_THE_WAY = {"sign-in", "consent", "form_post"}
REDIRECTS = {"redirect"}


def opener_policy(reply: object) -> str:
    return str(getattr(reply, "headers", {}).get("Cross-Origin-Opener-Policy", "")) or "none is sent"


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ON_THE_WAY | REDIRECTS])
def test_a_page_of_our_own_is_held_by_nobody_who_opened_it(
    alices: Browser, client: Client, name: str
) -> None:
    page = page_of(alices, client, name)

    assert opener_policy(page.response) == "same-origin"


@pytest.mark.parametrize("name", sorted(ON_THE_WAY))
def test_a_page_on_the_way_to_a_client_says_that_it_may_be(
    alices: Browser, client: Client, name: str
) -> None:
    page = page_of(alices, client, name)

    assert opener_policy(page.response) == "unsafe-none"


@pytest.mark.parametrize("method", [GET, POST])
def test_a_page_at_any_address_that_asks_for_nothing_is_held_by_nobody(
    server: Server, alices: Browser, client: Client, method: str
) -> None:
    found = answers(server, alices, client.tenant.name, method)

    pages = {path: reply for path, reply in found.items() if "Location" not in reply.headers}
    assert {path: opener_policy(reply) for path, reply in pages.items()} == dict.fromkeys(
        pages, "same-origin"
    )
    assert "account" in found
