"""What a request shows of its client, not checked yet (RFC 6749 section 2.3, RFC 7521 section 4.2)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

from rescind.domain.names import is_client_id
from rescind.domain.registry.registration import (
    CLIENT_SECRET_BASIC,
    CLIENT_SECRET_POST,
    NONE,
    PRIVATE_KEY_JWT,
)
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.protocol.rfc7523_client_assertion import ASSERTION_TYPE, claimed_client_id

# Compared where a client sends no secret, so that the work is the same.
_NO_SECRET = ""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of its client; nothing of it is checked yet.

    Attributes:
        method: how the client would authenticate; None where that is no method of this server.
        client_id: None where it is missing or could not be one.
        had_authorization: whether the request had an Authorization header.
        as_sent: the same without the form-decoding of Basic, where that has changed it. Many clients do not
            encode (RFC 7617 has it so), and mean what they send.
    """

    method: str | None
    client_id: str | None
    secret: str = field(default=_NO_SECRET, repr=False)
    assertion: str = field(default="", repr=False)
    had_authorization: bool = False
    as_sent: "Presented | None" = None


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
        return _named_so(_read_basic(authorization), body_id)
    if has_assertion:
        return _read_assertion(form)
    method = CLIENT_SECRET_POST if body_secret is not None else NONE
    return Presented(method, _possible(body_id), body_secret or _NO_SECRET)


def _read_assertion(form: Mapping[str, str]) -> Presented:
    """Read whom an assertion names (RFC 7521 section 4.2)."""
    assertion = form.get("client_assertion", "")
    client_id = claimed_client_id(assertion)
    is_whole = form.get("client_assertion_type") == ASSERTION_TYPE
    if not is_whole or client_id is None or form.get("client_id", client_id) != client_id:
        return Presented(None, None)
    return Presented(PRIVATE_KEY_JWT, _possible(client_id), assertion=assertion)


def _named_so(basic: Presented, body_id: str | None) -> Presented:
    """Hold Basic credentials against the client id of the body: they are of the same client.

    Raises:
        InvalidRequest: they are not.
    """
    if not body_id or body_id == basic.client_id:
        return basic
    if basic.as_sent is not None and body_id == basic.as_sent.client_id:
        return basic.as_sent
    if basic.client_id:
        raise InvalidRequest("The client_id differs from that of the Authorization header.")
    return basic


def _read_basic(authorization: str) -> Presented:
    """Read `Basic base64(form-encoded id ":" form-encoded secret)` (RFC 6749 section 2.3.1)."""
    nobody = Presented(None, None, had_authorization=True)
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return nobody
    try:
        sent = base64.b64decode(credentials.strip().encode("ascii"), validate=True).decode()
    except (UnicodeError, binascii.Error):
        return nobody
    client_id, colon, secret = sent.partition(":")
    if not colon:
        return nobody
    as_sent = _basic(client_id, secret)
    try:
        decoded = _basic(*(unquote_plus(part, errors="strict") for part in (client_id, secret)))
    except UnicodeError:
        return as_sent
    # What can't be an id when it is decoded, as with a plus in it, was not encoded.
    if decoded == as_sent or decoded.client_id is None:
        return as_sent
    return replace(decoded, as_sent=as_sent)


def _basic(client_id: str, secret: str) -> Presented:
    method = CLIENT_SECRET_BASIC if "\0" not in secret else None
    return Presented(method, _possible(client_id), secret, had_authorization=True)


def _possible(client_id: str | None) -> str | None:
    return client_id if client_id is not None and is_client_id(client_id) else None
