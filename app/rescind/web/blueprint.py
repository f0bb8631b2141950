"""The blueprint: one URL rule an endpoint.

A rule takes every method, so that a wrong one gets our JSON answer: Flask would answer it before it knows
that the address is ours, with the host's page.
"""

import functools
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App

from rescind.domain.authority import Authority
from rescind.domain.registry import secret_keys
from rescind.errors import SettingsError, StoreUnavailable
from rescind.protocol.rfc9728_protected_resource import WELL_KNOWN
from rescind.web.endpoints import tenancy
from rescind.web.endpoints.device import Device
from rescind.web.endpoints.introspect import Introspect
from rescind.web.endpoints.metadata import Metadata
from rescind.web.endpoints.protected_resources import ProtectedResourceMetadata, ProtectedResources
from rescind.web.endpoints.register import Register
from rescind.web.endpoints.revoke import Revoke
from rescind.web.endpoints.token import Token
from rescind.web.endpoints.userinfo import Userinfo
from rescind.web.pages import logout, problems
from rescind.web.pages.account import AccountPages
from rescind.web.pages.authorize import AuthorizePages
from rescind.web.pages.device import DevicePages
from rescind.web.pages.front import FrontPage
from rescind.web.pages.hosts import Host
from rescind.web.pages.logout import Logout
from rescind.web.pages.personal_tokens import PersonalTokenPages
from rescind.web.server import Server
from rescind.web.wire import bodies, own_headers, replies, request_ids
from rescind.web.wire.bodies import present
from rescind.web.wire.replies import ProblemError

log = logging.getLogger(__name__)

ISSUER_PATH = "/t/<tenant>/oauth2/token"
_DISCOVERY = "/.well-known/openid-configuration"
# Where an application matches hosts or subdomains, ours answer at each: their addresses are said by the
# public URL. No view is handed this one.
_ANY = "rescind_place"


def make_blueprint(
    server: Server, host: Host | None = None, resources: ProtectedResources | None = None
) -> Blueprint:
    """Make the blueprint of a server, to be registered on an application once.

    Args:
        host: how the application signs people in, if it does so itself.
        resources: those of the application, which its views add to.
    """
    documents = Metadata(server.authority)
    blueprint = Blueprint("rescind", __name__)
    _add(blueprint, "/t/<tenant>/oauth2/revoke", Revoke(server).revoke)
    _add(blueprint, "/t/<tenant>/oauth2/introspect", Introspect(server).introspect)
    _add(blueprint, ISSUER_PATH, Token(server).token)
    registering = Register(server.authority)
    _add(blueprint, "/t/<tenant>/oauth2/register", registering.register)
    _add(blueprint, "/t/<tenant>/oauth2/register/<client_id>", registering.configure)
    _add(blueprint, "/t/<tenant>/oauth2/device", Device(server).device_authorization)
    _add(blueprint, "/t/<tenant>/oauth2/jwks", documents.jwks)
    _add(blueprint, "/t/<tenant>/oauth2/userinfo", Userinfo(server.authority).userinfo)
    # RFC 8414 puts the well-known part in front of the issuer's path, OpenID Connect Discovery behind it. The
    # path of the public URL is in the middle then, where no proxy takes it off.
    for path in dict.fromkeys(["", urlsplit(server.authority.settings.public_url).path]):
        _add(blueprint, f"/.well-known/oauth-authorization-server{path}{ISSUER_PATH}", documents.metadata)
        # Many clients put that of OpenID Connect in front as well.
        _add(blueprint, f"{_DISCOVERY}{path}{ISSUER_PATH}", documents.metadata, name="discovery_in_front")
    _add(blueprint, f"{ISSUER_PATH}{_DISCOVERY}", documents.metadata, name="discovery")
    if resources is not None:
        described = ProtectedResourceMetadata(server.authority, resources)
        # A rule of the application's own for such a document goes first, as it has no variable in it.
        place = f"/.well-known/<any('{WELL_KNOWN}'):well_known>"
        for path in ("", "/", "/<path:path>"):
            _add(blueprint, f"{place}{path}", described.protected_resource)
    _add_pages(blueprint, server, host)
    blueprint.url_value_preprocessor(_come_first)
    blueprint.before_request(_refuse_doubled_slash)
    blueprint.before_request(functools.partial(_refuse_another_key, server.authority))
    blueprint.after_request(_finish)
    blueprint.record(lambda state: own_headers.guard(state.app))
    return blueprint


def _add_pages(blueprint: Blueprint, server: Server, host: Host | None) -> None:
    authorize, account = AuthorizePages(server.authority, host), AccountPages(server.authority, host)
    signing_out, device = Logout(server.authority, host), DevicePages(server.authority, host)
    personal = PersonalTokenPages(server.authority, host)
    for path, view in (
        ("", FrontPage(server.authority).front),
        ("/oauth2/authorize", authorize.authorize),
        ("/sign-in", authorize.sign_in),
        ("/consent", authorize.consent),
        ("/switch-account", authorize.switch_account),
        ("/account", account.account),
        ("/account/remove-access", account.remove_access),
        ("/account/end-session", account.end_session),
        ("/account/sign-out-everywhere", account.sign_out_everywhere),
        ("/account/password", account.change_password),
        ("/device", device.device),
        ("/device/decision", device.device_decision),
        ("/account/tokens", personal.personal_tokens),
        ("/account/tokens/revoke", personal.revoke_personal_token),
        ("/style.css", account.style),
        (f"/{logout.PATH}", signing_out.logout),
    ):
        asked = functools.partial(_of_a_tenant, server.authority, view)
        _add(
            blueprint,
            f"/t/<tenant>{path}",
            functools.update_wrapper(asked, view),
            answer=problems.error_page,
        )


def _of_a_tenant(authority: Authority, view: Callable[..., Response], tenant: str) -> Response:
    """Answer with a page. A tenant that is not there is 404 whatever else is wrong, as with the endpoints."""
    try:
        return view(tenant)
    except ProblemError as problem:
        if problem.status != 404:
            tenancy.admit(authority, tenant)
        raise


def _add(
    blueprint: Blueprint,
    rule: str,
    view: Callable[..., Response],
    name: str | None = None,
    answer: Callable[[Exception], Response] = replies.error_reply,
) -> None:
    def add(state: BlueprintSetupState) -> None:
        endpoint = f"{blueprint.name}.{name or view.__name__}"
        # Not `add_url_rule`, which would add methods of its own.
        # A redirect to the single slash would have the client send its credentials twice.
        for place in _places(state.app):
            made = state.app.url_rule_class(
                rule, endpoint=endpoint, methods=None, merge_slashes=False, strict_slashes=True, **place
            )
            state.app.url_map.add(made)
        answering = functools.partial(replies.answering_with, answer, view)
        # Extensions of a host know a view by its name.
        state.app.view_functions[endpoint] = functools.update_wrapper(answering, view)

    blueprint.record(add)


def _places(app: App) -> list[dict[str, Any]]:
    """Give where on an application a rule has to stand, for a request to any of its hosts to find it."""
    if app.url_map.host_matching:
        return [{"host": f"<{_ANY}>"}]
    return [{}, {"subdomain": f"<{_ANY}>"}] if app.subdomain_matching else [{}]


def _come_first(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Do what has to be done before the host's own `before_request` functions, which come next."""
    if values is not None:
        values.pop(_ANY, None)
    exempt = getattr(flask.current_app.extensions.get("csrf"), "exempt", None)
    if exempt is not None:
        # Clients authenticate themselves on every request; no cookie is looked at.
        exempt(flask.current_app.view_functions[str(endpoint)])
    request = present()
    if request.method == "POST":
        # Werkzeug keeps it, so the host can still parse it. What is wrong with it is answered by the view.
        with suppress(ProblemError):
            bodies.read_body(request)


def _refuse_doubled_slash() -> Response | None:
    # Werkzeug takes `//t/…` for `/t/…`; a proxy that guards the path by its beginning does not.
    if present().environ["PATH_INFO"].startswith("//"):
        return replies.error_reply(ProblemError(404))
    return None


def _refuse_another_key(authority: Authority) -> Response | None:
    """Answer nothing with a secret key that is not the store's.

    Asked until it is known: the store may not have answered at the start, and a host does not ask it then.
    """
    if authority.keyring.is_recognised:
        return None
    try:
        secret_keys.recognise(authority)
    except SettingsError as error:
        log.error("not serving: %s", error)
        return replies.error_reply(StoreUnavailable(str(error)))
    except StoreUnavailable as error:
        return replies.error_reply(error)
    return None


def _finish(response: Response) -> Response:
    request = present()
    return own_headers.keep(request, request_ids.echo(request, response))
