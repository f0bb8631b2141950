"""RFC 7591, OAuth 2.0 Dynamic Client Registration: what a client says of itself, and what it is told.

Of Authlib's endpoint only the errors are used here. It gives public clients a secret, takes redirect URIs
with http, calls a wrong one by the wrong code, and fails at a body that is no object.

What is asked for and may not be had is left out, and the answer says what is registered (section 3.2.1).
Members that are not known are ignored (section 2).
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.errors import AccessDeniedError
from authlib.oauth2.rfc7591 import InvalidClientMetadataError, InvalidRedirectURIError

from rescind.domain import names, uris
from rescind.domain.registry import client_keys
from rescind.domain.registry.registration import (
    AUTH_METHODS,
    CLIENT_SECRET_BASIC,
    NONE,
    PRIVATE_KEY_JWT,
)
from rescind.domain.registry.self_registration import Metadata, SelfRegistered
from rescind.errors import BadValue
from rescind.protocol import strict_json
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.store.likenesses import likeness
from rescind.store.spellings import MAXIMUM_CHARACTERS

MEDIA_TYPE = "application/json"
# A machine that acts for itself is registered by who operates the server.
GRANT_TYPES = ("authorization_code", "refresh_token")
MOST_ADDRESSES = 20
MOST_CONTACTS = 10
LONGEST_ADDRESS = 2000
LONGEST_TEXT = MAXIMUM_CHARACTERS

# What is kept as it was said, and shown to nobody but the client: nobody has looked at it.
_PAGES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
_TEXTS = ("software_id", "software_version", "application_type")


class InvalidRedirectURI(InvalidRedirectURIError):
    """A redirect URI is none that can be used (section 3.2.2)."""


class InvalidClientMetadata(InvalidClientMetadataError):
    """Something else that the client says of itself is not what it must be (section 3.2.2)."""


class RegistrationClosed(AccessDeniedError):
    """The tenant takes no registrations."""

    status_code = 403

    def __init__(self) -> None:
        super().__init__("This tenant takes no registrations; whoever operates it registers clients.")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a client may have for the asking.

    Attributes:
        names_of_others: what it may not be called, nor anything that looks like that.
        is_whole: it gets all of the scope, whatever it names.
    """

    scope: Collection[str]
    names_of_others: Collection[str] = ()
    grant_types: Collection[str] = GRANT_TYPES
    is_whole: bool = False


def read_object(body: bytes, content_type: str) -> dict[str, Any]:
    """Read the body of a request.

    Raises:
        InvalidRequest: it is of another media type.
        InvalidClientMetadata: it is no JSON object, or one that readers may read in different ways.
    """
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise InvalidRequest(f"The body must be {MEDIA_TYPE}.")
    try:
        members = strict_json.read_object(body)
    except (ValueError, TypeError, RecursionError):
        raise InvalidClientMetadata("The body is a JSON object in UTF-8, with each name once.") from None
    # RFC 7592 section 2.2: null is as if nothing had been said.
    return {name: value for name, value in members.items() if value is not None}


def refuse_query(query: Collection[str]) -> None:
    """Look at the names in the query of a request.

    Raises:
        InvalidRequest: one is that of a token.
    """
    if "access_token" in query:
        raise InvalidRequest("A token belongs in the Authorization header; in a URL it would be logged.")


def read(members: Mapping[str, Any], allowed: Allowed) -> Metadata:
    """Check what a client says of itself (section 2).

    Raises:
        InvalidRedirectURI: no redirect URI, or one that can't be used.
        InvalidClientMetadata: something else is not what it must be.
    """
    method = _text(members, "token_endpoint_auth_method") or CLIENT_SECRET_BASIC
    if method not in AUTH_METHODS:
        raise InvalidClientMetadata(f"token_endpoint_auth_method is one of: {', '.join(AUTH_METHODS)}.")
    redirect_uris = _redirect_uris(members)
    values = {
        "name": _name(members, allowed),
        "auth_method": method,
        "jwks": _jwks(members, method),
        "grant_types": _grant_types(members, allowed),
        "redirect_uris": redirect_uris,
        "post_logout_redirect_uris": tuple(
            _checked(uris.redirect_uri, each)
            for each in _texts(members, "post_logout_redirect_uris", MOST_ADDRESSES, LONGEST_ADDRESS)
        ),
        # A client in a browser calls from where it is returned to.
        "allowed_origins": uris.origins_of(redirect_uris) if method == NONE else (),
        "scope": _scope(members, allowed),
    }
    return Metadata(method == NONE, values, _document(members))


def answer(registered: SelfRegistered, base: str) -> dict[str, Any]:
    """Tell a client what is registered (section 3.2.1, RFC 7592 section 3).

    Args:
        base: what the addresses of the tenant's endpoints begin with.
    """
    client = registered.client
    told: dict[str, Any] = {
        "client_id": client.client_id,
        "client_id_issued_at": client.created_at,
        "registration_access_token": registered.access_token,
        "registration_client_uri": f"{base}/register/{client.client_id}",
        "redirect_uris": list(client.redirect_uris),
        "token_endpoint_auth_method": client.auth_method or CLIENT_SECRET_BASIC,
        "grant_types": list(client.grant_types),
        "response_types": ["code"],
        "scope": " ".join(client.scope),
    }
    if registered.client_secret is not None:
        told |= {"client_secret": registered.client_secret, "client_secret_expires_at": 0}
    if client.name is not None:
        told["client_name"] = client.name
    if client.jwks is not None:
        told["jwks"] = json.loads(client.jwks)
    if client.post_logout_redirect_uris:
        told["post_logout_redirect_uris"] = list(client.post_logout_redirect_uris)
    return told | dict(registered.document)


def _name(members: Mapping[str, Any], allowed: Allowed) -> str | None:
    said = _text(members, "client_name")
    if not said:
        return None
    name: str = _checked(names.claimed_name, said)
    if likeness(name) in map(likeness, allowed.names_of_others):
        raise InvalidClientMetadata("The client_name is, or looks like, that of this server.")
    return name


def _redirect_uris(members: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        found = _texts(members, "redirect_uris", MOST_ADDRESSES, LONGEST_ADDRESS)
        return tuple(dict.fromkeys(uris.redirect_uri(each) for each in found if each)) or _lacking()
    except (InvalidClientMetadata, BadValue) as error:
        raise InvalidRedirectURI(_sentence(error)) from None


def _lacking() -> tuple[str, ...]:
    raise BadValue("A client has one redirect URI at least, in the list redirect_uris.")


def _grant_types(members: Mapping[str, Any], allowed: Allowed) -> tuple[str, ...]:
    """Leave out what may not be had. All that a client gets here it gets by a code."""
    code, *_ = GRANT_TYPES
    asked = _texts(members, "grant_types", MOST_ADDRESSES, LONGEST_TEXT) or [code]
    answers = _texts(members, "response_types", MOST_ADDRESSES, LONGEST_TEXT) or ["code"]
    if code not in asked or "code" not in answers:
        raise InvalidClientMetadata(
            f"A client that registers itself has the grant type {code} and the response type code."
        )
    return tuple(dict.fromkeys(each for each in asked if each in allowed.grant_types))


def _scope(members: Mapping[str, Any], allowed: Allowed) -> tuple[str, ...]:
    asked = _checked(names.scope, _text(members, "scope", LONGEST_ADDRESS))
    given = tuple(word for word in asked or allowed.scope if word in allowed.scope)
    if asked and not given:
        raise InvalidClientMetadata("Nothing of the scope can be had here by a client that registers itself.")
    # Clients of MCP register once, with what the first challenge has named, and ask for more at the next one.
    return tuple(dict.fromkeys((*given, *allowed.scope))) if allowed.is_whole else given


def _jwks(members: Mapping[str, Any], method: str) -> str | None:
    """Take the keys that a client authenticates with; of any other client they would be of no use."""
    if method != PRIVATE_KEY_JWT:
        return None
    jwks = members.get("jwks")
    if not isinstance(jwks, dict) or "jwks_uri" in members:
        raise InvalidClientMetadata(
            f"A client with {PRIVATE_KEY_JWT} says its keys in jwks; jwks_uri is not read."
        )
    keys = jwks.get("keys")
    if isinstance(keys, list) and any(isinstance(each, dict) and "d" in each for each in keys):
        # Sent over a network, and perhaps to many servers, it is no secret any more.
        raise InvalidClientMetadata("jwks holds public keys alone, and no private one.")
    return str(_checked(client_keys.read, json.dumps(jwks)))


def _document(members: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: _text(members, name) for name in _TEXTS}
    pages = {
        name: _checked(uris.page, _text(members, name, LONGEST_ADDRESS))
        for name in _PAGES
        if members.get(name)
    }
    contacts = _texts(members, "contacts", MOST_CONTACTS, LONGEST_TEXT)
    said = {**pages, **texts, "contacts": contacts}
    return {name: value for name, value in said.items() if value}


def _text(members: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    value = members.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not names.is_storable(value):
        raise InvalidClientMetadata(
            f"{name} is a string of at most {longest} characters, without control characters."
        )
    return value


def _texts(members: Mapping[str, Any], name: str, most: int, longest: int) -> list[str]:
    values = members.get(name, [])
    if not isinstance(values, list) or len(values) > most:
        raise InvalidClientMetadata(f"{name} is a list of at most {most} strings.")
    return [_text({name: each}, name, longest) for each in values]


def _checked(check: Callable[[str], Any], value: str) -> Any:
    try:
        return check(value)
    except BadValue as error:
        raise refused(error) from None


def refused(error: BadValue) -> InvalidClientMetadata:
    """Say what is wrong with what a client says of itself."""
    return InvalidClientMetadata(_sentence(error))


def _sentence(error: Exception) -> str:
    """Write what is wrong with the characters that a description may have (RFC 6749 section 5.2)."""
    text = getattr(error, "description", None) or str(error)
    return text.replace('"', "'").replace("…", "...").replace("\\", "/")
