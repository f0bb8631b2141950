"""Who does not want to sign in, or to allow it, gets back to the app."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

from tests.cli.shell import on_sqlite
from tests.servers import CALLBACK, Client, Tenant
from tests.web.pages.asking import STATE, account_of, ask
from tests.web.pages.browser import Browser, Page
from tests.web.pages.conftest import new_client

pytestmark = on_sqlite


def way_back(page: Page) -> str:
    """Give where the link behind a sign-in form leads; empty where there is none."""
    found = re.search(r'<p><a href="([^"]*)" rel="noreferrer">Back to Notes</a></p>', page.text)
    return html.unescape(found[1]) if found else ""


def test_a_link_of_the_sign_in_page_leads_back_with_the_error_that_says_so(
    browser: Browser, client: Client
) -> None:
    page = ask(browser, client)

    failed = browser.sign_in(page, password="no password of anybody's")

    address = way_back(page)
    answer = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{CALLBACK}?")
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", STATE, client.tenant.issuer)
    assert "code" not in answer
    assert way_back(failed) == address


def test_where_an_answer_goes_by_a_form_it_leads_to_the_home_page_if_there_is_one(
    browser: Browser, tenant: Tenant
) -> None:
    at_home = new_client(tenant, home_url="https://notes.example/")
    homeless = new_client(tenant)

    links = [way_back(ask(browser, each, response_mode="form_post")) for each in (at_home, homeless)]

    assert links == ["https://notes.example/", ""]
    assert way_back(browser.open(account_of(tenant))) == ""
