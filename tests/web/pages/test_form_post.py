"""OAuth 2.0 Form Post Response Mode: the answer comes in a form, which sends itself."""

import base64
import hashlib
import re

import pytest

from tests.servers import CALLBACK, Client, Tenant
from tests.web.pages.asking import STATE, allowed, ask
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client


@pytest.mark.requirement("AZ-05")
def test_form_post_answers_by_a_form_that_goes_to_the_client(alices: Browser, client: Client) -> None:
    page = allowed(alices, client, response_mode="form_post")

    assert page.status == 200
    assert page.forms[0].action == CALLBACK
    assert list(page.forms[0].fields) == ["code", "state", "iss"]
    assert page.forms[0].fields["state"] == STATE
    assert page.response.headers["Content-Security-Policy"].endswith("form-action 'self' https:")


@pytest.mark.requirement("AZ-05")
def test_form_post_has_one_script_that_the_policy_names_by_its_digest(
    alices: Browser, client: Client
) -> None:
    page = allowed(alices, client, response_mode="form_post")

    (script,) = re.findall("<script>(.*?)</script>", page.text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"; script-src 'sha256-{digest}'; " in page.response.headers["Content-Security-Policy"]
    # With one the button has to be away: the code would come twice.
    assert re.search("<noscript><button[^>]*>Continue</button></noscript>", page.text)


@pytest.mark.requirement("AZ-12")
@pytest.mark.parametrize(
    ("redirect_uri", "ancestors"),
    [
        (CALLBACK, "https://client.example"),
        ("https://Client.example:8443/cb", "https://client.example:8443"),
    ],
    ids=["its origin", "with a port"],
)
def test_form_post_without_anybody_to_ask_may_come_in_a_frame_of_the_clients(
    alices: Browser, tenant: Tenant, redirect_uri: str, ancestors: str
) -> None:
    client = new_client(tenant, redirect_uris=[redirect_uri])
    asked = {"redirect_uri": redirect_uri, "response_mode": "form_post"}

    silent = ask(alices, client, prompt="none", **asked).response.headers
    shown = ask(alices, client, scope="other", **asked).response.headers

    assert f"; frame-ancestors {ancestors}; " in silent["Content-Security-Policy"]
    assert ("X-Frame-Options" in silent) == (ancestors == "'none'")
    assert "; frame-ancestors 'none'; " in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "DENY"
