"""Stored and reflected XSS: markup in what a page shows and somebody else has chosen is text there."""

import json

import pytest
from sqlalchemy import update

from rescind.domain.people import users
from rescind.store.tables import tenants
from tests.attacks.markup import PAYLOADS, markup
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, allowed, ask, signed_in, tokens_of
from tests.web.pages.browser import PASSWORD, Browser
from tests.web.pages.conftest import new_client

each_payload = pytest.mark.parametrize("payload", PAYLOADS)
# All that a scope may be made of (RFC 6749 section 3.3) and that means something in HTML.
SCOPE = "<img/src=x/onerror=alert(1)>"


def look(tenant: Tenant, **theme: object) -> None:
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        this = tenants.c.id == tenant.record.id
        tx.execute(update(tenants).where(this).values(settings=json.dumps({"theme": theme})))


@each_payload
def test_in_the_name_of_a_client(alices: Browser, tenant: Tenant, payload: str) -> None:
    client = new_client(tenant, name=payload)
    pages = [ask(alices, client, prompt="login"), ask(alices, client)]
    tokens_of(client, allowed(alices, client, scope="notes"))
    pages += [
        alices.open(account_of(tenant)),
        alices.open(f"/t/{tenant.name}/oidc/logout", {"client_id": client.client_id}),
    ]

    read = [markup(page.text) for page in pages]

    assert [each.dangers for each in read] == [[]] * 4
    assert [each.shows(payload) for each in read] == [True] * 4


def test_in_a_scope(alices: Browser, tenant: Tenant) -> None:
    client = new_client(tenant, scope=f"notes {SCOPE}")
    consent = ask(alices, client, scope=SCOPE)
    tokens_of(client, alices.send(consent.form("/consent"), "allow"))

    read = [markup(page.text) for page in (consent, alices.open(account_of(tenant)))]

    assert [each.dangers for each in read] == [[], []]
    assert [each.shows(SCOPE) for each in read] == [True, True]


@each_payload
def test_in_a_username(browser: Browser, client: Client, payload: str) -> None:
    users.create(client.tenant.server.authority, client.tenant.record, payload)
    signed_in(browser, client.tenant, payload)
    paths = ["account", "oidc/logout"]
    pages = [ask(browser, client), ask(browser, client, prompt="login")]

    pages += [browser.open(f"/t/{client.tenant.name}/{path}") for path in paths]

    read = [markup(page.text) for page in pages]
    assert [each.dangers for each in read] == [[]] * 4
    assert [each.shows(payload) for each in read] == [True] * 4


@each_payload
@pytest.mark.usefixtures("cheap_hashes")
def test_in_what_was_typed_as_a_username(browser: Browser, client: Client, payload: str) -> None:
    page = browser.sign_in(ask(browser, client), payload, PASSWORD)

    read = markup(page.text)
    assert read.dangers == []
    assert page.form("/sign-in").fields["username"] == payload


@each_payload
def test_in_the_name_of_a_tenant(browser: Browser, tenant: Tenant, payload: str) -> None:
    look(tenant, name=payload)

    read = markup(browser.open(account_of(tenant)).text)

    assert read.dangers == []
    assert read.shows(payload)


@each_payload
@pytest.mark.parametrize(
    "start", ["", "https://cdn.example/x.svg", "data:image/svg+xml;base64,", "javascript:"]
)
def test_in_the_logo_of_a_tenant(browser: Browser, tenant: Tenant, start: str, payload: str) -> None:
    look(tenant, logo=start + payload)

    read = markup(browser.open(account_of(tenant)).text)

    assert read.dangers == []


@pytest.mark.parametrize(
    "colour",
    [
        *PAYLOADS,
        "#fff;}*{background:url(https://evil.example)}",
        "#ffffff</style>",
        "#12345g",
        "red",
        "#fffff\n",
    ],
)
def test_in_the_colour_of_a_tenant(browser: Browser, tenant: Tenant, colour: str) -> None:
    look(tenant, colour=colour)

    reply = browser.http.get(f"/t/{tenant.name}/style.css")

    assert colour not in reply.text.replace("#1f4b99", "")
    assert "evil.example" not in reply.text
    assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@each_payload
def test_in_a_client_id(alices: Browser, tenant: Tenant, payload: str) -> None:
    # No id has a space; between attributes a slash does as well.
    client = new_client(tenant, client_id=payload.replace(" ", "/"), name=None)
    pages = [ask(alices, client, prompt="login"), ask(alices, client)]
    tokens_of(client, allowed(alices, client, scope="notes"))
    pages += [
        alices.open(account_of(tenant)),
        alices.open(f"/t/{tenant.name}/oidc/logout", {"client_id": client.client_id}),
    ]

    read = [markup(page.text) for page in pages]

    assert [each.dangers for each in read] == [[]] * 4
    assert [each.shows(client.client_id) for each in read] == [True] * 4


@each_payload
def test_in_a_client_id_that_is_not_registered(alices: Browser, client: Client, payload: str) -> None:
    read = markup(ask(alices, client, client_id=payload).text)

    assert read.dangers == []
    assert not read.shows(payload)


@each_payload
@pytest.mark.parametrize(
    "name", ["redirect_uri", "error_description", "error", "scope", "prompt", "response_type"]
)
def test_in_what_is_wrong_with_a_request(alices: Browser, client: Client, name: str, payload: str) -> None:
    pages = [
        ask(alices, client, **{name: payload, "response_mode": "form_post"}),
        ask(alices, client, **{"client_id": "nobody", name: payload}),
    ]

    read = [markup(page.text) for page in pages]

    assert [each.dangers for each in read] == [[], []]
    assert not any(each.shows(payload) for each in read)


@each_payload
def test_in_what_an_answer_by_a_form_gives_back(alices: Browser, client: Client, payload: str) -> None:
    page = allowed(alices, client, state=payload, response_mode="form_post")

    assert markup(page.text).dangers == []
    assert page.forms[0].fields["state"] == payload
    assert page.forms[0].action == "https://client.example/callback"


@each_payload
def test_in_a_hint(browser: Browser, client: Client, payload: str) -> None:
    page = ask(browser, client, login_hint=payload, ui_locales=payload, nonce=payload)

    assert markup(page.text).dangers == []
    assert page.form("/sign-in").fields["username"] == payload


def test_settings_that_nobody_can_read_leave_the_pages_as_they_are(browser: Browser, tenant: Tenant) -> None:
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        this = tenants.c.id == tenant.record.id
        tx.execute(update(tenants).where(this).values(settings="[" * 100_000))

    page = browser.open(account_of(tenant))

    assert page.status == 200
    assert page.form("/sign-in")
