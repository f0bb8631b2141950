"""Client authentication: RFC 6749 section 2.3, with the methods none, client_secret_basic and _post.

An unknown client and a wrong secret take the same way: one look-up, one comparison, one answer.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin

from rescind.domain.names import is_client_id
from rescind.domain.registration import CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, NONE
from rescind.domain.secrets import Keyring
from rescind.protocol.rfc6749_errors import InvalidClient, InvalidRequest
from rescind.store.records import ClientRecord

WITH_SECRET = (CLIENT_SECRET_BASIC, CLIENT_SECRET_POST)
ALL_METHODS = (*WITH_SECRET, NONE)

# Compared where a client sends no secret, so that the work is the same.
_NO_SECRET = ""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of its client; nothing of it is checked yet.

    Attributes:
        method: how the client would authenticate; None where that is no method of this server.
        client_id: None where it is missing or could not be one.
        had_authorization: whether the request had an Authorization header.
    """

    method: str | None
    client_id: str | None
    secret: str = field(default=_NO_SECRET, repr=False)
    had_authorization: bool = False


class AuthenticatedClient(ClientMixin):
    """A client that has authenticated, as Authlib asks about it."""

    def __init__(self, record: ClientRecord) -> None:
        self.record = record
        self.client_id = record.client_id

    def get_client_id(self) -> str:
        """Give the client id."""
        return self.client_id

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client is registered for the grant type."""
        return grant_type in self.record.grant_types


def present(authorization: str | None, form: Mapping[str, str]) -> Presented:
    """Take out of a request what it shows of its client.

    Raises:
        InvalidRequest: it shows two methods at once, or two client ids (RFC 6749 section 2.3).
    """
    body_id, body_secret = form.get("client_id"), form.get("client_secret")
    has_assertion = "client_assertion" in form or "client_assertion_type" in form
    if (authorization is not None) + (body_secret is not None) + has_assertion > 1:
        raise InvalidRequest("Use one method of client authentication, not several.")
    if authorization is not None:
        basic = _read_basic(authorization)
        if basic.client_id and body_id and basic.client_id != body_id:
            raise InvalidRequest("The client_id differs from that of the Authorization header.")
        return basic
    if has_assertion:
        return Presented(None, _possible(body_id))
    method = CLIENT_SECRET_POST if body_secret is not None else NONE
    return Presented(method, _possible(body_id), body_secret or _NO_SECRET)


def authenticate(
    presented: Presented, known: ClientRecord | None, keyring: Keyring, methods: Collection[str]
) -> AuthenticatedClient:
    """Check what a request shows of its client.

    Args:
        known: the client with the presented id, if there is one.
        methods: those that this endpoint takes.

    Raises:
        InvalidClient: for every failure the same.
    """
    is_secret_right = keyring.is_secret(presented.secret, known.secret_digest if known else None)
    if known is not None and presented.method in methods:
        if known.is_public and presented.method == NONE:
            return AuthenticatedClient(known)
        is_method_right = presented.method in WITH_SECRET and known.auth_method in {None, presented.method}
        if not known.is_public and is_method_right and is_secret_right:
            return AuthenticatedClient(known)
    raise InvalidClient(had_authorization=presented.had_authorization)


def _read_basic(authorization: str) -> Presented:
    """Read `Basic base64(form-encoded id ":" form-encoded secret)` (RFC 6749 section 2.3.1)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return Presented(None, None, had_authorization=True)
    try:
        decoded = base64.b64decode(credentials.strip().encode("ascii"), validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        client_id, secret = (unquote_plus(part, errors="strict") for part in (client_id, secret))
    except (UnicodeError, binascii.Error):
        return Presented(None, None, had_authorization=True)
    method = CLIENT_SECRET_BASIC if colon and "\0" not in secret else None
    return Presented(method, _possible(client_id), secret, had_authorization=True)


def _possible(client_id: str | None) -> str | None:
    return client_id if client_id is not None and is_client_id(client_id) else None
