"""OAuth Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document).

A client id that is an https URL, and what the document there may say of the client: the metadata of RFC 7591,
of which what is not known here is ignored. The document is public, so nothing in it is a secret.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rescind.domain import names, uris
from rescind.domain.fetching import HTTPS_PORT, Fetched
from rescind.domain.registry import client_keys
from rescind.domain.registry.documents import Document
from rescind.domain.registry.registration import NONE, PRIVATE_KEY_JWT, PUBLIC_GRANT_TYPES
from rescind.errors import BadValue, DocumentRefused
from rescind.protocol.rfc9111_caching import fresh_seconds
from rescind.protocol.strict_json import read_object

SHORTEST_SECONDS = 60
LONGEST_SECONDS = 86_400
# Where the answer says nothing.
DEFAULT_SECONDS = 3600
MOST_REDIRECT_URIS = 100

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
# A host by its name, and written in one way: no capitals, no port that goes without saying.
_URL = re.compile(
    rf"https://{_LABEL}(?:\.{_LABEL})*(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    rf"(?P<path>(?:/{_CHARACTER}*)+)(?:\?(?:{_CHARACTER}|[/?])*)?"
)
_ADDRESS = re.compile(r"https://(?:[^/:]*\.)?(?:[0-9]+|0x[0-9a-f]*)[:/]")
_GREATEST_PORT = 65_535
_SECRETS = ("client_secret", "client_secret_expires_at")


def is_document_url(client_id: str) -> bool:
    """Tell whether a client id could be the URL of a document (section 3): a path, and no dot segments in it.

    Whoever normalises URLs takes some for others. So one that a host could be asked for in two ways is none.
    """
    found = _URL.fullmatch(client_id)
    if found is None or _ADDRESS.match(client_id):
        return False
    port = int(found["port"] or 0)
    segments = re.sub("%2e", ".", found["path"], flags=re.IGNORECASE).split("/")
    return port != HTTPS_PORT and port <= _GREATEST_PORT and not {".", ".."} & set(segments)


def read(client_id: str, fetched: Fetched) -> Document:
    """Read a document (section 4), and check what it says.

    Raises:
        DocumentRefused: it is not this client's, or no client can be what it says.
    """
    members = _members(fetched)
    if members.get("client_id") != client_id:
        raise DocumentRefused("The document of the client id names another client_id.")
    if any(name in members for name in _SECRETS):
        raise DocumentRefused(
            "The document of the client id holds a client_secret, which everybody can read."
        )
    method = _method(members)
    jwks, jwks_uri = _keys(members) if method == PRIVATE_KEY_JWT else (None, None)
    values = {
        "name": _name(members.get("client_name")),
        "auth_method": method,
        "jwks": jwks,
        "grant_types": _grant_types(members),
        "redirect_uris": _redirect_uris(members),
        "logo_url": _of_host(client_id, members.get("logo_uri")),
        "home_url": _of_host(client_id, members.get("client_uri")),
    }
    return Document(
        client_id=client_id,
        text=fetched.body.decode(),
        is_public=method == NONE,
        values=values,
        scope=_scope(members.get("scope")),
        relied_on_seconds=relied_on_seconds(fetched.headers),
        jwks_uri=jwks_uri,
    )


def read_keys(fetched: Fetched) -> str:
    """Read the keys that a document names by their address.

    Raises:
        DocumentRefused: there is none by which a client could be known.
    """
    return _jwks(_members(fetched))


def relied_on_seconds(headers: Mapping[str, str]) -> int:
    """Give for how long an answer is good (section 6): what it says, within bounds of ours."""
    said = fresh_seconds(headers)
    return max(SHORTEST_SECONDS, min(DEFAULT_SECONDS if said is None else said, LONGEST_SECONDS))


def _members(fetched: Fetched) -> dict[str, Any]:
    try:
        return read_object(fetched.body)
    except (ValueError, TypeError, RecursionError):
        raise DocumentRefused(
            "The document of the client id is no JSON object with each name once."
        ) from None


def _method(members: Mapping[str, Any]) -> str:
    """Give the method: without a word of it that of the keys, or none. What RFC 7591 has needs a secret."""
    method = members.get("token_endpoint_auth_method", PRIVATE_KEY_JWT if "jwks" in members else NONE)
    if method not in (NONE, PRIVATE_KEY_JWT):
        raise DocumentRefused(
            "The token_endpoint_auth_method in the document of the client id is none or private_key_jwt."
        )
    return str(method)


def _keys(members: Mapping[str, Any]) -> tuple[str | None, str | None]:
    if "jwks" in members:
        return _jwks(members["jwks"]), None
    uri = members.get("jwks_uri")
    if not isinstance(uri, str) or not is_document_url(uri):
        raise DocumentRefused("The document of the client id names no keys for private_key_jwt.")
    return None, uri


def _jwks(keys: Any) -> str:
    listed = keys.get("keys") if isinstance(keys, dict) else None
    if isinstance(listed, list) and any(isinstance(each, dict) and "d" in each for each in listed):
        raise DocumentRefused("The document of the client id holds a private key, which everybody can read.")
    try:
        return client_keys.read(json.dumps({"keys": listed}))
    except (BadValue, ValueError, RecursionError):
        raise DocumentRefused("The keys of the client id's document are none that are used here.") from None


def _redirect_uris(members: Mapping[str, Any]) -> tuple[str, ...]:
    given = members.get("redirect_uris")
    words = given if isinstance(given, list) and len(given) <= MOST_REDIRECT_URIS else []
    usable = uris.usable(each for each in words if isinstance(each, str))
    if not usable:
        raise DocumentRefused("The document of the client id names no redirect_uris that are allowed here.")
    return tuple(dict.fromkeys(usable))


def _grant_types(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Give those of a client that somebody allows something: it can't act for itself."""
    given = members.get("grant_types", ["authorization_code"])
    responses = members.get("response_types", ["code"])
    known = tuple(each for each in PUBLIC_GRANT_TYPES if isinstance(given, list) and each in given)
    if "authorization_code" not in known or not isinstance(responses, list) or "code" not in responses:
        raise DocumentRefused(
            "The document of the client id is of one that does not use authorization codes."
        )
    return known


def _name(given: Any) -> str | None:
    """Give the name, if it can be shown as one that nobody has checked; the host is shown in any case."""
    try:
        return names.claimed_name(given) if isinstance(given, str) else None
    except BadValue:
        return None


def _scope(given: Any) -> tuple[str, ...] | None:
    try:
        return names.scope(given) if isinstance(given, str) else None
    except BadValue:
        raise DocumentRefused("The scope in the document of the client id is malformed.") from None


def _of_host(client_id: str, given: Any) -> str | None:
    """Give an address of the client's own host; by another's, people would be shown somebody else's signs."""
    if not isinstance(given, str) or not is_document_url(given):
        return None
    return given if urlsplit(given).netloc == urlsplit(client_id).netloc else None
