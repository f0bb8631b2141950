"""Every form of the pages, as the person to whom it is shown gets it."""

import contextlib
from collections.abc import Callable
from functools import partial

from rescind.domain.people import personal_tokens
from rescind.errors import AlreadyExists
from rescind.store import users
from tests.devices import begin, new_device_client
from tests.servers import Client
from tests.web.pages.asking import account_of, allowed, ask, tokens_of
from tests.web.pages.browser import PASSWORD, Browser, Form, Page

Get = Callable[[Browser, Client], Form]


def _at_authorize(action: str, prompt: str) -> Get:
    return lambda browser, client: ask(browser, client, prompt=prompt).form(action)


def _on_account(action: str) -> Get:
    def form(browser: Browser, client: Client) -> Form:
        tokens_of(client, allowed(browser, client, scope="notes"))
        return browser.open(account_of(client.tenant)).form(action)

    return form


def _of_a_password(browser: Browser, client: Client) -> Form:
    authority, tenant_id = client.tenant.server.authority, client.tenant.record.id
    for name in ("alice", "mallory"):
        # None that any password has.
        make = partial(users.create, tenant_id=tenant_id, username=name, password_hash="a hash")
        with contextlib.suppress(AlreadyExists):
            authority.store.transact(make)
    return browser.open(account_of(client.tenant)).form("/account/password")


def _at_logout(browser: Browser, client: Client) -> Form:
    return browser.open(f"/t/{client.tenant.name}/oidc/logout").form("/oidc/logout")


def _of_tokens(action: str) -> Get:
    def form(browser: Browser, client: Client) -> Form:
        tenant = client.tenant
        personal_tokens.turn_on(tenant.server.authority, tenant.record, actor="operator:test")
        page = browser.open(f"/t/{tenant.name}/account/tokens")
        if action.endswith("revoke"):
            page = browser.send(page.form("/account/tokens"), name="A script", days="7")
        found = page.form(action)
        if not action.endswith("revoke"):
            found.fields |= {"name": "A script", "days": "7"}
        return found

    return form


def _at_device(browser: Browser, client: Client) -> Form:
    device = begin(new_device_client(client.tenant))
    return browser.open(device["verification_uri_complete"]).form("/device")


def _of_device(browser: Browser, client: Client) -> Form:
    return browser.send(_at_device(browser, client)).form("/device/decision")


FORMS: dict[str, Get] = {
    "sign-in": _at_authorize("/sign-in", "login"),
    "consent": _at_authorize("/consent", "consent"),
    "switch-account": _at_authorize("/switch-account", "consent"),
    "account/remove-access": _on_account("/remove-access"),
    "account/end-session": _on_account("/end-session"),
    "account/sign-out-everywhere": _on_account("/sign-out-everywhere"),
    "account/password": _of_a_password,
    "account/tokens": _of_tokens("/account/tokens"),
    "account/tokens/revoke": _of_tokens("/account/tokens/revoke"),
    "device": _at_device,
    "device/decision": _of_device,
    "oidc/logout": _at_logout,
}
# All but the form by which a session begins.
OF_A_SESSION = [path for path in FORMS if path != "sign-in"]


def filled(form: Form, username: str = "alice") -> dict[str, str]:
    """Fill a form in so that it would do something."""
    return {**form.filled(), "username": username, "password": PASSWORD, "new_password": PASSWORD[::-1]}


def refused(page: Page) -> bool:
    """Tell whether a form was taken for out of date, and the browser kept here."""
    return page.status == 400 and page.left_for == "" and "out of date" in page.text
