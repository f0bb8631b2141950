"""Long lists of the account page are folded and looked through; what happened last is told in words."""

import html
import re
from urllib.parse import quote

import pytest

from rescind.domain import clock
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from tests.cli.shell import on_sqlite
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, allowed, signed_in, tokens_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client

NOW = 1_800_000_000
APPS = [f"App {number:02}" for number in range(1, 10)]
pytestmark = on_sqlite


def names_in(text: str) -> list[str]:
    """Give the apps that a part of a page names."""
    return re.findall("<h3>(.+)</h3>", text)


@pytest.fixture
def connected(alices: Browser, tenant: Tenant) -> Browser:
    """Connect as many apps as are not shown at once."""
    for name in APPS:
        new_client(tenant, name=name).issue("alice")
    return alices


def test_of_many_apps_the_rest_is_folded_and_each_can_be_removed(connected: Browser, tenant: Tenant) -> None:
    page = connected.open(account_of(tenant))

    shown, _, rest = page.text.partition("<details>")
    assert names_in(shown) == APPS[:8]
    assert "<summary>Show 1 more</summary>" in rest
    assert names_in(rest) == APPS[8:]
    assert len([form for form in page.forms if form.action.endswith("/remove-access")]) == len(APPS)


@pytest.mark.parametrize(
    ("sought", "found", "said"),
    [("pP 0", APPS, "9 of 9 apps"), ("07", ["App 07"], "1 of 9 apps"), ("<b>", [], "0 of 9 apps")],
    ids=["all", "one", "none"],
)
def test_apps_are_looked_for_by_their_names(
    connected: Browser, tenant: Tenant, sought: str, found: list[str], said: str
) -> None:
    page = connected.open(f"{account_of(tenant)}?find={quote(sought)}")

    assert names_in(page.text) == found
    assert said in page.text
    assert f'value="{html.escape(sought)}"' in page.text


def happenings(page: Page) -> list[str]:
    """Give what a page says has happened."""
    (told,) = re.findall(r'<ul class="happenings".*?</ul>', page.text, re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", told.replace("</li>", "|"))
    return [" ".join(html.unescape(each).split()) for each in plain.split("|")[:-1]]


def test_what_happened_last_is_told_with_how_long_ago_it_was(
    browser: Browser, client: Client, tenant: Tenant
) -> None:
    clock.set(NOW)
    alices = signed_in(browser, tenant)
    tokens = tokens_of(client, allowed(alices, client))
    others = new_client(tenant, name="Other").issue("bob").access_token
    client.revoke(tokens["access_token"])
    client.revoke(others)
    tokens_of(client, allowed(alices, client))
    clock.set(NOW + 60)
    alices.send(alices.open(account_of(tenant)).form("/remove-access"))
    gone = client.issue("alice")
    clock.set(NOW + 120)
    grant = selectors.Grant(tenant.name, gone.grant_id)
    revocation.revoke(tenant.server.authority, grant, Cause(OPERATOR, "cli:somebody:0"))

    page = alices.open(account_of(tenant))

    assert happenings(page) == [
        "An operator ended access. just now (15 January 2027, 08:02 UTC)",
        "Access was taken away from Notes. 1 minute ago (15 January 2027, 08:01 UTC)",
        "Notes gave access back. 2 minutes ago (15 January 2027, 08:00 UTC)",
    ]


def test_to_sign_out_everywhere_is_asked_for_twice(alices: Browser, tenant: Tenant) -> None:
    text = alices.open(account_of(tenant)).text

    folded = text[text.index('<details class="asking">') :]
    assert "/sign-out-everywhere" not in text.removesuffix(folded)
    assert 0 < folded.index("Sure?") < folded.index("/sign-out-everywhere") < folded.index("</details>")
