"""Client authentication: RFC 6749 section 2.3 and RFC 7523 section 2.2.

An unknown client and a wrong secret take the same way: one look-up, one comparison, one answer.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin

from rescind.domain.authority import Authority
from rescind.domain.names import is_client_id
from rescind.domain.registry.clients import renew_secret_digest
from rescind.domain.registry.registration import (
    CLIENT_SECRET_BASIC,
    CLIENT_SECRET_POST,
    NONE,
    PRIVATE_KEY_JWT,
)
from rescind.domain.tokens import assertions
from rescind.protocol.rfc6749_errors import InvalidClient, InvalidRequest
from rescind.protocol.rfc7523_client_assertion import ASSERTION_TYPE, claimed_client_id, verify
from rescind.store.records import ClientRecord, TenantRecord

WITH_SECRET = (CLIENT_SECRET_BASIC, CLIENT_SECRET_POST)
WITH_PROOF = (*WITH_SECRET, PRIVATE_KEY_JWT)
ALL_METHODS = (*WITH_PROOF, NONE)

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
    assertion: str = field(default="", repr=False)
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
        return _read_assertion(form)
    method = CLIENT_SECRET_POST if body_secret is not None else NONE
    return Presented(method, _possible(body_id), body_secret or _NO_SECRET)


def authenticate(
    authority: Authority,
    tenant: TenantRecord,
    issuer: str,
    presented: Presented,
    known: ClientRecord | None,
    methods: Collection[str],
) -> AuthenticatedClient:
    """Check what a request shows of its client.

    Args:
        known: the client with the presented id, if there is one.
        methods: those that this endpoint takes.

    Raises:
        InvalidClient: for every failure the same.
        StoreUnavailable: an assertion could not be spent.
    """
    is_secret_right = authority.keyring.is_secret(presented.secret, known.secret_digest if known else None)
    if known is not None and presented.method in methods:
        match presented.method:
            case "none":
                is_right = known.is_public
            case "private_key_jwt":
                is_right = _is_assertion_right(authority, tenant, issuer, presented.assertion, known)
            case method:
                is_right = is_secret_right and not known.is_public and known.auth_method in {None, method}
                if is_right:
                    renew_secret_digest(authority, tenant.id, known, presented.secret)
        if is_right:
            return AuthenticatedClient(known)
    raise InvalidClient(had_authorization=presented.had_authorization)


def _is_assertion_right(
    authority: Authority, tenant: TenantRecord, issuer: str, assertion: str, known: ClientRecord
) -> bool:
    """Check an assertion, and spend it if it is right: a refused one must not spend another's `jti`."""
    if known.auth_method != PRIVATE_KEY_JWT or known.jwks is None:
        return False
    # By the store's clock, so that no host takes what another has forgotten already.
    right = verify(assertion, known.jwks, known.client_id, issuer, now=tenant.read_at)
    return right is not None and assertions.use(
        authority, tenant.id, known.client_id, right.jti, expires_at=right.expires_at
    )


def _read_assertion(form: Mapping[str, str]) -> Presented:
    """Read whom an assertion names (RFC 7521 section 4.2)."""
    assertion = form.get("client_assertion", "")
    client_id = claimed_client_id(assertion)
    is_whole = form.get("client_assertion_type") == ASSERTION_TYPE
    if not is_whole or client_id is None or form.get("client_id", client_id) != client_id:
        return Presented(None, None)
    return Presented(PRIVATE_KEY_JWT, _possible(client_id), assertion=assertion)


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
