"""Clickjacking (RFC 6749 section 10.13, RFC 9700 section 4.16) at every page there is."""

import base64
import hashlib

import httpx
import pytest

from rescind.web.pages.signing_in import SHOW_PASSWORD
from tests.attacks.forms import FORMS
from tests.attacks.markup import SENDS
from tests.attacks.routes import GET, POST, answers, is_page
from tests.servers import Client, Server
from tests.web.pages.asking import account_of, ask, request
from tests.web.pages.browser import Browser, Page

pytestmark = pytest.mark.requirement("AZ-12")
PAGES = [
    *["sign-in", "consent", "account", "problem", "unknown tenant", "redirect", "form_post"],
    *["sign out", "signed out", "signed out here", "signed out everywhere", "out of date", "too large"],
]


def _named(script: str) -> str:
    """Name a script as CSP does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


# One page answers a client by a form, which a script sends; the other shows the password that is typed.
NO_SCRIPT = "'none'"
SCRIPTS = {NO_SCRIPT, _named(SENDS), _named(SHOW_PASSWORD)}


def policy_of(reply: httpx.Response) -> dict[str, str]:
    policy = reply.headers.get("Content-Security-Policy", "")
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def weaknesses(reply: httpx.Response) -> list[str]:
    """Say what an attacker could do with a page that its headers should forbid."""
    policy, headers = policy_of(reply), reply.headers
    checks = {
        "may be framed": policy.get("frame-ancestors") == "'none'",
        "may be framed by old browsers": headers.get("X-Frame-Options") == "DENY",
        "may load anything": policy.get("default-src") == "'none'",
        "may run scripts": policy.get("script-src", NO_SCRIPT) in SCRIPTS and "unsafe" not in str(policy),
        "may be given another base": policy.get("base-uri") == "'none'",
        "may send forms anywhere": policy.get("form-action", "*") not in {"*", ""},
        "is kept": headers.get("Cache-Control") == "no-store",
        "tells others where it was": headers.get("Referrer-Policy") == "no-referrer",
        "may be taken for something else": headers.get("X-Content-Type-Options") == "nosniff",
    }
    return [weakness for weakness, is_held in checks.items() if not is_held]


@pytest.mark.parametrize("method", [GET, POST, "DELETE"])
@pytest.mark.parametrize("who", ["alice", "nobody"])
@pytest.mark.parametrize("where", ["here", "at an unknown tenant"])
def test_no_page_at_any_address_can_be_framed(
    server: Server, alices: Browser, browser: Browser, client: Client, method: str, who: str, where: str
) -> None:
    at = {"alice": alices, "nobody": browser}[who]
    tenant = {"here": client.tenant.name, "at an unknown tenant": "nobody"}[where]

    found = answers(server, at, tenant, method)

    assert {path: weaknesses(reply) for path, reply in found.items() if weaknesses(reply)} == {}
    assert {*FORMS, "account", "oauth2/authorize"} <= set(found)


def page_of(browser: Browser, client: Client, name: str) -> Page:
    """Bring the browser to one of the pages that a bare request does not show."""
    logout = f"/t/{client.tenant.name}/oidc/logout"
    match name:
        case "sign-in" | "consent":
            return ask(browser, client, prompt={"sign-in": "login"}.get(name, name))
        case "account":
            return browser.open(account_of(client.tenant))
        case "problem":
            return ask(browser, client, client_id="nobody")
        case "unknown tenant":
            return browser.open("/t/nobody/account")
        case "redirect":
            return ask(browser, client, scope="other")
        case "form_post":
            return ask(browser, client, scope="other", response_mode="form_post")
        case "sign out":
            return browser.open(logout)
        case "signed out":
            return browser.send(browser.open(logout).form("/oidc/logout"))
        case "signed out here":
            return browser.send(FORMS["account/end-session"](browser, client))
        case "signed out everywhere":
            return browser.send(FORMS["account/sign-out-everywhere"](browser, client))
        case "out of date":
            return browser.post(f"/t/{client.tenant.name}/consent", {"form": "x"})
        case "too large":
            return browser.post(f"/t/{client.tenant.name}/consent", {"form": "x" * 70_000})
    raise AssertionError(name)


@pytest.mark.parametrize("name", PAGES)
def test_none_of_the_pages_behind_them_can_be_framed(alices: Browser, client: Client, name: str) -> None:
    page = page_of(alices, client, name)

    assert is_page(page.response)
    assert weaknesses(page.response) == []


def test_a_policy_names_where_forms_lead_and_nothing_of_the_request(alices: Browser, client: Client) -> None:
    page = alices.open(f"/t/{client.tenant.name}/oauth2/authorize", request(client, state="; script-src *"))

    assert policy_of(page.response)["form-action"] == "'self' https:"
    assert "script-src" not in page.response.headers["Content-Security-Policy"]
