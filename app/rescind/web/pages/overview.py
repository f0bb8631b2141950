"""What the account page shows: what has access, where somebody is signed in, and what happened of late."""

from collections.abc import Callable
from typing import Any

import flask
from flask import Response

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import connected, happenings, personal_tokens
from rescind.domain.people.display_names import display_name
from rescind.domain.people.own_password import has_password
from rescind.domain.registry import scope_texts
from rescind.domain.revoking.causes import SIGN_OUT_EVERYWHERE
from rescind.store import sessions as session_rows
from rescind.store.records import ConnectedClient, SessionRecord, TenantRecord
from rescind.web.pages import forms, rendering
from rescind.web.pages.forms import StaleForm

REMOVE_ACCESS = "remove-access"
END_SESSION = "end-session"
PASSWORD = "password"
# In the address of the page: what was done just now, sealed, and for how long that is said.
DONE = "done"
_DONE_SECONDS = 60
_CHANGED = "password-changed"
MOST_SESSIONS = 100
# Of longer lists the rest is folded, and of these apps some can be looked for.
MOST_AT_ONCE = 8
SEARCH = "find"
_LONGEST_SOUGHT = 100

Seal = Callable[..., str]


def page(
    authority: Authority,
    tenant: TenantRecord,
    session: SessionRecord,
    status: int = 200,
    *,
    password_error: str = "",
) -> Response:
    """Make the page for who is signed in.

    Args:
        password_error: why the password was not changed, where that was tried just now.
    """
    browser = forms.browser_of(flask.request, tenant.name)

    def sealed(action: str, **data: str) -> str:
        purpose = forms.purpose_of(tenant.name, action)
        return forms.seal(authority, purpose, {"sid": session.sid, **data}, browser)

    apps = _apps(authority, tenant, session.subject, sealed)
    sought = flask.request.args.get(SEARCH, "").strip()[:_LONGEST_SOUGHT]
    return rendering.render(
        "account.html",
        tenant,
        status,
        now=tenant.read_at,
        person=display_name(authority, tenant, session.subject),
        subject=session.subject,
        most_at_once=MOST_AT_ONCE,
        sought=sought,
        connected_number=len(apps),
        connected=[each for each in apps if sought.casefold() in each["name"].casefold()],
        sessions=_sessions(authority, tenant, session, sealed),
        has_personal_tokens=personal_tokens.is_on(authority, tenant),
        happenings=happenings.recent(authority, tenant, session.subject),
        everywhere_form=sealed(SIGN_OUT_EVERYWHERE),
        password_form=sealed(PASSWORD) if has_password(authority, tenant, session.subject) else None,
        password_error=password_error,
        is_password_changed=_is_password_changed(authority, tenant, session, browser),
    )


def done_with_password(authority: Authority, tenant: TenantRecord, session: SessionRecord) -> str:
    """Say for the address of the page that the password was changed just now; nobody can make it up."""
    browser = forms.browser_of(flask.request, tenant.name)
    return forms.seal(authority, forms.purpose_of(tenant.name, _CHANGED), {"sid": session.sid}, browser)


def _is_password_changed(
    authority: Authority, tenant: TenantRecord, session: SessionRecord, browser: str
) -> bool:
    said, purpose = flask.request.args.get(DONE, ""), forms.purpose_of(tenant.name, _CHANGED)
    try:
        data = forms.unseal(authority, purpose, said, browser, _DONE_SECONDS)
        return bool(data["sid"] == session.sid)
    except StaleForm:
        return False


def _apps(authority: Authority, tenant: TenantRecord, subject: str, sealed: Seal) -> list[dict[str, Any]]:
    texts = scope_texts.list_all(authority, tenant)

    def shown(each: ConnectedClient) -> dict[str, Any]:
        return {
            "name": names.name_to_show(each.name, each.client_id),
            "scope": [(texts.get(word, ""), word) for word in each.scope],
            "given_at": each.given_at,
            "token_issued_at": each.token_issued_at,
            "form": sealed(REMOVE_ACCESS, client_id=each.client_id),
        }

    found = [
        shown(each)
        for each in connected.list_connected(authority, tenant, subject)
        # They have a page of their own.
        if each.client_id != personal_tokens.CLIENT_ID
    ]
    return sorted(found, key=lambda each: str(each["name"]).casefold())


def _sessions(
    authority: Authority, tenant: TenantRecord, this: SessionRecord, sealed: Seal
) -> list[dict[str, Any]]:
    with authority.store.reading() as tx:
        live = session_rows.list_live(tx, tenant.id, this.subject, limit=MOST_SESSIONS)
    return [
        {
            "browser": each.user_agent or "A browser that is not known",
            "auth_time": each.auth_time,
            "seen_at": each.seen_at,
            "is_this": each.sid == this.sid,
            "form": sealed(END_SESSION, ends=each.sid),
        }
        for each in live
    ]
