"""How a tenant's pages look, out of its settings; what is wrong there is left out."""

import json

import pytest
from sqlalchemy import update

from rescind.store.tables import tenants
from tests.servers import Tenant
from tests.web.pages.asking import account_of
from tests.web.pages.browser import Browser


def look(tenant: Tenant, settings: object) -> None:
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        this = tenants.c.id == tenant.record.id
        tx.execute(update(tenants).where(this).values(settings=json.dumps(settings)))


def style_of(browser: Browser, tenant: Tenant) -> str:
    reply = browser.http.get(f"/t/{tenant.name}/style.css")
    assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
    return reply.text


def test_a_tenant_has_a_name_a_logo_and_a_colour(browser: Browser, tenant: Tenant) -> None:
    theme = {"name": "Bifröst & Co", "logo": "https://cdn.example/logo.svg", "colour": "#ffcc00"}
    look(tenant, {"theme": theme})

    page = browser.open(account_of(tenant))

    assert "Bifröst &amp; Co" in page.text
    assert 'src="https://cdn.example/logo.svg"' in page.text
    assert "--accent: #ffcc00;" in style_of(browser, tenant)


@pytest.mark.parametrize(("colour", "text"), [("#ffcc00", "#000000"), ("#1f4b99", "#ffffff")])
def test_text_on_the_colour_can_be_read(browser: Browser, tenant: Tenant, colour: str, text: str) -> None:
    look(tenant, {"theme": {"colour": colour}})

    style = style_of(browser, tenant)

    assert f"--on-accent: {text};" in style


@pytest.mark.parametrize(
    "settings",
    [
        [],
        {"theme": "dark"},
        {"theme": {"colour": "red; } body { display: none", "logo": "javascript:alert(1)", "name": "a\nb"}},
        {"theme": {"colour": 7, "logo": 'https://x/"onerror="', "name": "n" * 256}},
    ],
    ids=["a list", "no object", "code", "wrong types"],
)
def test_what_is_wrong_is_left_out(browser: Browser, tenant: Tenant, settings: object) -> None:
    look(tenant, settings)

    page = browser.open(account_of(tenant))

    assert page.status == 200
    assert f'<p class="tenant">{tenant.name}</p>' in page.text
    assert 'onerror="' not in page.text
    assert "javascript:" not in page.text
    assert "--accent: #1f4b99;" in style_of(browser, tenant)
