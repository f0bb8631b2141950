"""Every page that people can see, each reached as a person reaches it: to be looked at and examined."""

import json
from collections.abc import Callable

from sqlalchemy import update

from rescind.domain import clock
from rescind.store import clients, users
from rescind.store.tables import tenants
from tests.browsers.stage import Stage
from tests.servers import Client, Tenant

Scene = Callable[[Stage], None]
LONG_NAME = "Supercalifragilisticexpialidocious".ljust(60, "x")
MANY_SCOPES = [
    f"{thing}.{what}"
    for thing in ("calendar", "contacts", "files", "mail", "photos")
    for what in ("list", "read", "write", "administration")
]
APPS = ["Notes", "Calendar", "Photo Printing Ltd", LONG_NAME, *(f"Example app {n:02}" for n in range(5, 16))]
DAY = 86_400
_LOGO = (
    "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0MCA0MCIgd2lkdGg9IjQwIiBoZWlnaHQ9"
    "IjQwIj48Y2lyY2xlIGN4PSIyMCIgY3k9IjIwIiByPSIyMCIgZmlsbD0iIzIyMyIvPjxwYXRoIGQ9Ik04IDI4bDgtMTQgNiA5IDQtNiA2"
    "IDExeiIgZmlsbD0iI2ZmZjNiMCIvPjwvc3ZnPg=="
)
LIGHT_YELLOW = {
    "name": "Bifröst Outdoor & Travel",
    "colour": "#fff3b0",
    "logo": f"data:image/svg+xml;base64,{_LOGO}",
}


def look(tenant: Tenant, theme: dict[str, str]) -> None:
    """Give a tenant a theme."""
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        this = tenants.c.id == tenant.record.id
        tx.execute(update(tenants).where(this).values(settings=json.dumps({"theme": theme})))


def _sign_in(stage: Stage) -> None:
    stage.ask(stage.client())
    stage.sees("Sign in")


def _sign_in_refused(stage: Stage) -> None:
    _sign_in(stage)
    stage.sign_in("not her password")
    stage.page.get_by_role("alert").wait_for()


def _shown_as(client: Client, **values: str) -> Client:
    """Say more of a client."""
    store, tenant_id = client.tenant.server.authority.store, client.tenant.record.id
    said = {"home_url": "https://notes.example/about", **values}
    store.transact(lambda tx: clients.change(tx, tenant_id, client.client_id, said))
    return client


def _consent(stage: Stage) -> None:
    stage.sign_in_before()
    stage.ask(_shown_as(stage.client(), logo_url=LIGHT_YELLOW["logo"]))
    stage.sees("Allow access?")


def _consent_long(stage: Stage) -> None:
    scope = " ".join(MANY_SCOPES)
    stage.sign_in_before("alexandra.montgomery-featherstonehaugh@a-rather-long-name.example")
    stage.ask(_shown_as(stage.client(LONG_NAME, scope), provenance="registered"), scope=scope)
    stage.sees("Allow access?")


def _form_post(stage: Stage) -> None:
    stage.sign_in_before()
    stage.ask(stage.client(), response_mode="form_post")
    # The client has nothing to show, so the page stays to be seen.
    stage.page.route(stage.site.callback, lambda route: route.fulfill(status=204))
    stage.press("Allow")
    stage.sees("Continue")


def _account_empty(stage: Stage) -> None:
    stage.sign_in_before("newcomer")
    stage.open_account()
    stage.sees("Your account")


def _know(tenant: Tenant, username: str, name: str) -> None:
    """Make a user with a password that nobody types here."""
    store, details = tenant.server.authority.store, {"display_name": name}
    store.transact(lambda tx: users.create(tx, tenant.record.id, username, "no hash", details))


def _account_full(stage: Stage) -> None:
    now = clock.now()
    for number, name in enumerate(APPS):
        clock.set(now - (number * 53 + 1) * 1800)
        few = ("openid", "profile", "notes")[: 1 + number % 3]
        scope = tuple(MANY_SCOPES) if name == LONG_NAME else few
        stage.client(name, " ".join(scope)).issue("alice", scope)
    clock.set(None)
    _know(stage.tenant, "alice", "Alice Ames")
    for days, browser in ((9, "Safari 18 on iPhone"), (2, None), (0, "Firefox 140 on Windows")):
        stage.sign_in_before("alice", now - days * DAY, browser)
    stage.open_account()
    stage.sees("Your account")


def _unknown_client(stage: Stage) -> None:
    stage.ask(stage.client(), client_id="nobody")
    stage.sees("That did not work")


def _out_of_date(stage: Stage) -> None:
    _consent(stage)
    stage.page.context.clear_cookies()
    stage.press("Allow")
    stage.sees("That did not work")


def _nowhere(stage: Stage) -> None:
    stage.go("/t/no-such-tenant/account")
    stage.sees("Page not found")


def _sign_out(stage: Stage) -> None:
    stage.sign_in_before()
    stage.go(f"/t/{stage.tenant.name}/oidc/logout", client_id=stage.client().client_id)
    stage.sees("Sign out?")


def _signed_out(stage: Stage) -> None:
    _sign_out(stage)
    stage.press("Sign out")
    stage.sees("Signed out")


def _sign_out_without_way_back(stage: Stage) -> None:
    stage.sign_in_before()
    asked = {"client_id": stage.client().client_id, "post_logout_redirect_uri": "https://app.example/bye"}
    stage.go(f"/t/{stage.tenant.name}/oidc/logout", **asked)
    stage.sees("Sign out?")


def _signed_out_without_way_back(stage: Stage) -> None:
    _sign_out_without_way_back(stage)
    stage.press("Sign out")
    stage.sees("Signed out")


def _too_long(stage: Stage) -> None:
    stage.ask(stage.client(), state="s" * 20_000)
    stage.sees("That did not work")


def _signed_out_everywhere(stage: Stage) -> None:
    _account_empty(stage)
    stage.unfold("Sign out everywhere …")
    stage.press("Sign out everywhere")
    stage.sees("Signed out")


SCENES: dict[str, Scene] = {
    "sign-in": _sign_in,
    "sign-in-refused": _sign_in_refused,
    "consent": _consent,
    "consent-long": _consent_long,
    "form-post": _form_post,
    "account-empty": _account_empty,
    "account-full": _account_full,
    "problem-unknown-client": _unknown_client,
    "problem-out-of-date": _out_of_date,
    "problem-nowhere": _nowhere,
    "problem-too-long": _too_long,
    "sign-out": _sign_out,
    "signed-out": _signed_out,
    "sign-out-no-way-back": _sign_out_without_way_back,
    "signed-out-no-way-back": _signed_out_without_way_back,
    "signed-out-everywhere": _signed_out_everywhere,
}
