"""Forms that a worker of another version has shown: during an upgrade they come to this one."""

from typing import Any

import pytest

from rescind.domain.authority import Authority
from rescind.web.pages import forms
from tests.servers import Client
from tests.web.pages.asking import account_of, ask
from tests.web.pages.browser import PASSWORD, Browser

Data = dict[str, Any]
ACTIONS = ("sign-in", "consent", "switch-account", "remove-access", "end-session", "sign-out-everywhere")


def unsealed(authority: Authority, client: Client, browser: Browser) -> Data:
    """Read what this version seals into a consent form, which has the most in it."""
    sealed = ask(browser, client, prompt="consent").form("/consent").fields[forms.FIELD]
    purpose = forms.purpose_of(client.tenant.name, "consent")
    return dict(forms.unseal(authority, purpose, sealed, browser.cookie("rescind_browser")))


def send(client: Client, browser: Browser, action: str, data: Any) -> str:
    """Send a form about this, as a worker of that version has sealed it; gives the status and the text."""
    authority, tenant = client.tenant.server.authority, client.tenant
    purpose = forms.purpose_of(tenant.name, action)
    sealed = forms.seal(authority, purpose, data, browser.cookie("rescind_browser"))
    folder = "account/" if action in ACTIONS[3:] else ""
    fields = {
        "form": sealed,
        "decision": "allow",
        "username": "alice",
        "password": PASSWORD,
    }
    page = browser.post(f"/t/{tenant.name}/{folder}{action}", fields)
    return f"{page.status} {page.text}"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("data", [{"of": "another"}, ["a list"], "text", None], ids=str)
def test_a_form_with_something_else_in_it_is_out_of_date(
    alices: Browser, client: Client, alice: str, action: str, data: Any
) -> None:
    alices.open(account_of(client.tenant))

    answered = send(client, alices, action, data)

    # A sign-in at the account page is about nothing, whatever else is told.
    is_about_nothing = action == "sign-in" and isinstance(data, dict)
    assert answered.startswith("200" if is_about_nothing else "400")
    assert ("out of date" in answered) is not is_about_nothing


@pytest.mark.parametrize("action", ["sign-in", "consent", "switch-account"])
@pytest.mark.parametrize(
    "change",
    [
        lambda asked: asked | {"claims": "what only another version knows"},
        lambda asked: {name: value for name, value in asked.items() if name != "scope"},
        lambda asked: {name: value for name, value in asked.items() if name != "client_id"},
        lambda asked: asked | {"address": asked["address"] | {"response_type": "code"}},
        lambda asked: asked | {"address": asked["address"]["redirect_uri"]},
        lambda asked: asked | {"scope": None},
        lambda asked: [*asked],
    ],
    ids=["more", "no scope", "no client", "more of the address", "text for it", "null", "a list"],
)
def test_a_request_of_another_shape_is_out_of_date(
    alices: Browser, client: Client, alice: str, action: str, change: Any
) -> None:
    data = unsealed(client.tenant.server.authority, client, alices)

    answered = send(client, alices, action, data | {"asked": change(data["asked"])})

    assert answered.startswith("400")
    assert "out of date" in answered


def test_a_consent_form_of_the_version_before_is_good(alices: Browser, client: Client) -> None:
    data = unsealed(client.tenant.server.authority, client, alices)
    del data["is_fresh"]
    sealed = forms.seal(
        client.tenant.server.authority,
        forms.purpose_of(client.tenant.name, "consent"),
        data,
        alices.cookie("rescind_browser"),
    )

    page = alices.post(f"/t/{client.tenant.name}/consent", {"form": sealed, "decision": "allow"})

    assert "code" in page.answer


def test_a_sign_out_form_of_another_version_is_out_of_date(alices: Browser, client: Client) -> None:
    tenant = client.tenant
    alices.open(account_of(tenant))
    sealed = forms.seal(
        tenant.server.authority,
        f"sign out of {tenant.record.id}",
        {"sid": "of another version"},
        alices.cookie("rescind_browser"),
    )

    page = alices.post(f"/t/{tenant.name}/oidc/logout", {"form": sealed})

    assert page.status == 400
    assert "out of date" in page.text
    assert "<strong>alice</strong>" in alices.open(account_of(tenant)).text
