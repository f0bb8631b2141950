"""Client authentication: RFC 6749 section 2.3 and RFC 7523 section 2.2.

An unknown client and a wrong secret take the same way: the same look-ups, the same comparisons, one answer.
"""

import contextlib
import logging
from collections.abc import Collection
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import ClientMixin

from rescind.domain.authority import Authority
from rescind.domain.registry import clients
from rescind.domain.registry.client_throttle import Origin
from rescind.domain.registry.registration import (
    CLIENT_SECRET_BASIC,
    CLIENT_SECRET_POST,
    NONE,
    PRIVATE_KEY_JWT,
)
from rescind.domain.tokens import assertions
from rescind.errors import NotFound
from rescind.protocol.credentials import Presented
from rescind.protocol.rfc6749_errors import InvalidClient, TooManyFailures
from rescind.protocol.rfc7523_client_assertion import verify
from rescind.store.records import ClientRecord, TenantRecord

log = logging.getLogger(__name__)

WITH_SECRET = (CLIENT_SECRET_BASIC, CLIENT_SECRET_POST)
WITH_PROOF = (*WITH_SECRET, PRIVATE_KEY_JWT)
ALL_METHODS = (*WITH_PROOF, NONE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client authenticates, and what speaks for it.

    Attributes:
        address: that the request came from; empty where it is not known.
        holder: the client whose token or code the request shows, if it shows one.
        methods: those that this endpoint takes.
    """

    tenant: TenantRecord
    issuer: str
    address: str
    holder: str | None
    methods: Collection[str]


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


def authenticate(
    authority: Authority, place: Place, presented: Presented, known: ClientRecord | None
) -> AuthenticatedClient:
    """Check what a request shows of its client.

    Args:
        known: the client with the presented id, if there is one.

    Raises:
        InvalidClient: for every failure the same.
        TooManyFailures: there were too many of them before.
        StoreUnavailable: an assertion could not be spent.
    """
    throttle, now = authority.client_throttle, place.tenant.read_at
    origin = Origin.of(place.tenant.id, presented.client_id, place.address)
    seconds_left = throttle.seconds_left(origin, now)
    client = _proven(authority, place, presented, known)
    shown = presented
    if client is None and presented.as_sent is not None:
        shown = presented.as_sent
        client = _proven(authority, place, shown, _known_as_sent(authority, place, presented, known))
    is_by_secret = shown.method in WITH_SECRET
    # Looked at behind the secret, so that no answer comes sooner for being held back.
    is_held_back = is_by_secret and seconds_left and not throttle.is_familiar(origin)
    if client is not None and (not is_held_back or place.holder == client.client_id):
        if is_by_secret:
            throttle.succeed(origin)
            clients.renew_secret_digest(authority, place.tenant.id, client, shown.secret)
        return AuthenticatedClient(client)
    if seconds_left:
        raise TooManyFailures(seconds_left)
    if throttle.fail(origin, now):
        about = {"tenant": place.tenant.name, "client": known.client_id if known else None}
        log.warning("client authentication throttled", extra=about)
    raise InvalidClient(had_authorization=presented.had_authorization)


def _proven(
    authority: Authority, place: Place, presented: Presented, known: ClientRecord | None
) -> ClientRecord | None:
    """Give the client if it is shown to be the one. Nothing of a secret is written; an assertion is spent."""
    is_secret_right = authority.keyring.is_secret(presented.secret, known.secret_digest if known else None)
    if known is None or presented.method not in place.methods:
        return None
    match presented.method:
        case "none":
            is_right = known.is_public
        case "private_key_jwt":
            is_right = _is_assertion_right(authority, place, presented.assertion, known)
        case method:
            is_right = is_secret_right and not known.is_public and known.auth_method in {None, method}
    return known if is_right else None


def _known_as_sent(
    authority: Authority, place: Place, presented: Presented, known: ClientRecord | None
) -> ClientRecord | None:
    """Find the client of the id as it was sent: another look-up only where decoding has changed the id."""
    as_sent = presented.as_sent
    if as_sent is None or as_sent.client_id == presented.client_id:
        return known
    with contextlib.suppress(NotFound):
        return clients.get(authority, place.tenant, as_sent.client_id or "")
    return None


def _is_assertion_right(authority: Authority, place: Place, assertion: str, known: ClientRecord) -> bool:
    """Check an assertion, and spend it if it is right: a refused one must not spend another's `jti`."""
    if known.auth_method != PRIVATE_KEY_JWT or known.jwks is None:
        return False
    # By the store's clock, so that no host takes what another has forgotten already.
    right = verify(assertion, known.jwks, known.client_id, place.issuer, now=place.tenant.read_at)
    return right is not None and assertions.use(
        authority, place.tenant.id, known.client_id, right.jti, expires_at=right.expires_at
    )
