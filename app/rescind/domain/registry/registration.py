"""The metadata of a client (RFC 7591 section 2): defaults, checks, and what goes with what."""

from collections.abc import Iterable
from typing import Any

from rescind.canonical_resources import canonical
from rescind.domain import names, uris
from rescind.domain.registry import refresh_options, tenant_settings
from rescind.errors import BadValue
from rescind.store import likenesses
from rescind.store.records import ClientRecord

NONE = "none"
CLIENT_SECRET_BASIC = "client_secret_basic"
CLIENT_SECRET_POST = "client_secret_post"
PRIVATE_KEY_JWT = "private_key_jwt"

# Not pinned: basic or post.
ANY = "any"
AUTH_METHODS = (NONE, CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT)
PUBLIC_GRANT_TYPES = ("authorization_code", "refresh_token")
CONFIDENTIAL_GRANT_TYPES = ("authorization_code", "client_credentials", "refresh_token")
# RFC 8628 section 3.4; nobody has it who does not ask for it.
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES = (*CONFIDENTIAL_GRANT_TYPES, DEVICE_CODE)
# The provenance of a client that the server itself keeps for something.
RESERVED = likenesses.RESERVED
# For who types it.
SHORT_GRANT_TYPES: dict[str, str] = {"device_code": DEVICE_CODE}
REVOCATION_SCOPES = ("grant", "token")


def defaults(is_public: bool) -> dict[str, Any]:
    """Give the metadata of a client of which nothing is said."""
    return {
        "name": None,
        "auth_method": NONE if is_public else None,
        "jwks": None,
        "grant_types": PUBLIC_GRANT_TYPES if is_public else CONFIDENTIAL_GRANT_TYPES,
        "redirect_uris": (),
        "post_logout_redirect_uris": (),
        "allowed_origins": (),
        "backchannel_logout_uri": None,
        "backchannel_logout_session_required": False,
        "scope": (),
        "revocation_scope": "grant",
        "is_resource_server": False,
        "resources": (),
        "refresh_grace_seconds": None,
        "on_reuse": None,
        "is_rotating": None,
        "logo_url": None,
        "home_url": None,
    }


def changes(is_public: bool, options: dict[str, Any]) -> dict[str, Any]:
    """Check what is said of a client.

    Args:
        options: any of the keys of `defaults`; None means nothing is said. Lists may be any iterable of
            strings, of which empty ones are left out; `scope` is one string, `jwks` what a
            file holds, as `client_keys.read` takes it; `auth_method` may be `any`, for basic and post as the
            client likes.

    Raises:
        BadValue: a value is not what it must be.
    """
    return {key: _CHECKS[key](value) for key, value in options.items() if value is not None}


def implied(options: dict[str, Any], *, is_public: bool, has_secret: bool) -> dict[str, Any]:
    """Take it from keys that a new client authenticates with them, where no method is named.

    Raises:
        BadValue: the client is to do something else, and its keys would be of no use.
    """
    if options.get("jwks") is None:
        return options
    if is_public:
        raise BadValue("A public client can't authenticate, so its keys would not be used: no --jwks-file.")
    if has_secret:
        raise BadValue("A client has a secret or keys: --secret or --jwks-file, not both.")
    method = options.get("auth_method") or PRIVATE_KEY_JWT
    check_keys_are_used(method)
    return {**options, "auth_method": method}


def check_keys_are_used(auth_method: str | None) -> None:
    """Look whether a client with this method uses the keys that are given.

    Raises:
        BadValue: it does not.
    """
    if auth_method != PRIVATE_KEY_JWT:
        raise BadValue(
            f"A client with the method {auth_method or ANY} does not use keys: --jwks-file goes with "
            f"--auth-method {PRIVATE_KEY_JWT}."
        )


def is_unverified(client: ClientRecord) -> bool:
    """Tell whether it registered itself, so that nobody has looked at what it says of itself."""
    return client.provenance not in {None, RESERVED}


def of(client: ClientRecord) -> dict[str, Any]:
    """Give the metadata of a client that is there."""
    return {key: getattr(client, key) for key in _CHECKS}


def consistent(is_public: bool, values: dict[str, Any]) -> dict[str, Any]:
    """Check that the parts of the metadata go with each other, and give them back.

    Raises:
        BadValue: they do not.
    """
    if is_public and values["auth_method"] != NONE:
        raise BadValue("A public client can't authenticate: its method is none.")
    if not is_public and values["auth_method"] == NONE:
        raise BadValue("A client with the method none is a public one; say so.")
    if values["auth_method"] == PRIVATE_KEY_JWT and values["jwks"] is None:
        raise BadValue("A client with the method private_key_jwt registers its public keys: --jwks-file.")
    if is_public and "client_credentials" in values["grant_types"]:
        raise BadValue("A public client can't use client_credentials (RFC 6749 section 4.4).")
    if is_public and values["is_resource_server"]:
        raise BadValue("A resource server authenticates itself, so it can't be a public client.")
    if values["is_rotating"] is False and values["auth_method"] != PRIVATE_KEY_JWT:
        # RFC 9700 section 2.2.2: whoever has stolen it could go on with it.
        raise BadValue("Only a client that authenticates with keys keeps its refresh token: --rotation on.")
    if values["resources"] and not values["is_resource_server"]:
        raise BadValue(
            "Only a resource server answers for a resource: --resource goes with --resource-server."
        )
    return values


def _one_of(what: str, allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise BadValue(f"{what} is one of: {', '.join(allowed)}.")
    return value


def _each(check: Any) -> Any:
    def checked(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check(value) for value in values if value))

    return checked


def _keys(value: str | bytes) -> str:
    # Few clients have keys, and to import what reads them takes a command a tenth of its time.
    from rescind.domain.registry import client_keys

    return client_keys.read(value)


def _grant_type(value: str) -> str:
    return _one_of("A grant type", GRANT_TYPES, SHORT_GRANT_TYPES.get(value, value))


_CHECKS: dict[str, Any] = {
    "name": lambda value: names.display_name(value) if value else None,
    "auth_method": lambda value: None if value == ANY else _one_of("A method", AUTH_METHODS, value),
    "jwks": _keys,
    "grant_types": _each(_grant_type),
    "redirect_uris": _each(uris.redirect_uri),
    "post_logout_redirect_uris": _each(uris.redirect_uri),
    "allowed_origins": _each(uris.origin),
    "backchannel_logout_uri": lambda value: uris.backchannel_uri(value) if value else None,
    "backchannel_logout_session_required": bool,
    "scope": names.registered_scope,
    "revocation_scope": lambda value: _one_of("A revocation scope", REVOCATION_SCOPES, value),
    "is_resource_server": bool,
    "resources": _each(canonical),
    **refresh_options.CHECKS,
    "logo_url": lambda value: tenant_settings.logo(value) if value else None,
    "home_url": lambda value: uris.home(value) if value else None,
}
