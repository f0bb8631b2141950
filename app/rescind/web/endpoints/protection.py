"""The host's own views, behind an active access token."""

import functools
import weakref
from collections.abc import Callable
from typing import Any

import flask

from rescind.domain.authority import Authority
from rescind.domain.people import personal_tokens
from rescind.errors import SettingsError, StoreUnavailable
from rescind.protocol import rfc6750_bearer as bearer
from rescind.protocol.rfc9728_protected_resource import ProtectedResource
from rescind.web.endpoints import tenancy
from rescind.web.wire import replies
from rescind.web.wire.replies import ProblemError

View = Callable[..., Any]
# Kept on the request itself: `flask.g` may outlive it where a test holds an application context open.
TOKEN = "rescind.token"
# What is to be reached behind a token alone.
_behind: weakref.WeakSet[View] = weakref.WeakSet()


def require_token(
    authority: Callable[[], Authority],
    scope: tuple[str, ...],
    tenant: str | None,
    fallback: str | None,
    resource: ProtectedResource | None = None,
) -> Callable[[View], View]:
    """Make the decorator; see `Rescind.require_token`.

    Args:
        authority: asked on each request, as a view may be decorated before the extension is mounted.
        fallback: the tenant where neither the decorator nor the view names one.
        resource: what a token has to be meant for; the tenant is then the resource's, and a view that names
            another takes no token.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            try:
                name = tenant or (flask.request.view_args or {}).get("tenant") or fallback
                flask.request.environ[TOKEN] = _admit(authority(), flask.request, scope, name, resource)
            except bearer.BearerError as error:
                return replies.error_reply(error.at(resource.metadata_url, scope) if resource else error)
            except StoreUnavailable as error:
                return replies.error_reply(error)
            return flask.current_app.ensure_sync(view)(*arguments, **named)

        guarded.is_guarded = True  # type: ignore[attr-defined]
        _behind.add(view)
        return guarded

    return decorate


def look_at_views(app: flask.Flask) -> None:
    """Look at each view of an application once, when it is first asked for.

    One that the decorator stands above the route of would be open: it answers nothing. One behind a token is
    kept from Flask-WTF's protection, as no page of another site can send the token.
    """
    seen: set[str] = set()

    def look(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint is None or endpoint in seen:
            return
        view = app.view_functions.get(endpoint)
        if view is None:
            return
        if view in _behind and not _is_reached_behind(app, view):
            raise SettingsError(
                f"require_token stands above the route of {endpoint}, where it protects nothing: "
                "put it below."
            )
        seen.add(endpoint)
        if getattr(view, "is_guarded", False):
            _exempt_from_csrf(app, view)

    app.url_value_preprocessor(look)


def _is_reached_behind(app: flask.Flask, view: View) -> bool:
    return any(getattr(each, "__wrapped__", None) is view for each in app.view_functions.values())


def _exempt_from_csrf(app: flask.Flask, view: View) -> None:
    """Exempt a view: it is known by its module and name, so where an open one has the same, neither is."""
    protect = app.extensions.get("csrf")
    same = [each for each in app.view_functions.values() if _named(each) == _named(view)]
    if protect is not None and all(getattr(each, "is_guarded", False) for each in same):
        protect.exempt(view)


def _named(view: Any) -> tuple[str, str]:
    return getattr(view, "__module__", ""), getattr(view, "__name__", "")


def shown_token(request: flask.Request) -> str:
    """Take the bearer token of a request (RFC 6750 section 2); one in the URL would be logged.

    Raises:
        MissingToken: there is none.
        InvalidBearerRequest: it is in the URL, or malformed.
    """
    if "access_token" in request.args:
        raise bearer.InvalidBearerRequest("A token belongs in the Authorization header, not in a URL.")
    return bearer.read_bearer(request.headers.get("Authorization"))


def _admit(
    authority: Authority,
    request: flask.Request,
    scope: tuple[str, ...],
    tenant: str | None,
    resource: ProtectedResource | None,
) -> bearer.AccessToken:
    """Ask the one predicate, anew for each request: a token is refused from its revocation on."""
    token = shown_token(request)
    named = (request.view_args or {}).get("tenant")
    if resource and named and str(named) != resource.tenant:
        # The view would take it for one of the tenant that its address names.
        raise bearer.InvalidToken
    if tenant is None:
        raise SettingsError("require_token needs a tenant: its own, the view's, or that of Rescind().")
    try:
        admitted = tenancy.admit(authority, str(tenant), token=token)
    except ProblemError:
        # A tenant that is not there looks like a token that is not: the address is the host's, and exists.
        raise bearer.InvalidToken from None
    known = resource.canonical if resource else None
    token_shown = bearer.admit(admitted.tenant, admitted.token, scope, known)
    authority.store.vouch(admitted.tenant.standing, admitted.tenant.id)
    personal_tokens.note_use(authority, admitted.tenant.id, admitted.token)
    return token_shown
