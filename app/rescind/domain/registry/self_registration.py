"""Clients that register themselves (RFC 7591), and look at, change and delete that (RFC 7592).

Whoever asks may be anybody. So such a client is told from those that an operator registered, for as long as
it is there: people are asked for consent each time and told that nobody has looked at it, it takes nobody's
name, and it goes when it is not used.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rescind.domain.authority import Authority
from rescind.domain.registry import registration
from rescind.domain.registry.registration_throttle import Allowance
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import CLIENT_DELETED, Cause, Revocation
from rescind.domain.secrets import digest, new_client_id, new_client_secret, new_registration_access_token
from rescind.errors import BadValue, TokenRefused
from rescind.store import clients, likenesses, registration_tokens, registrations
from rescind.store.engine import Transaction
from rescind.store.records import ClientRecord, TenantRecord
from rescind.store.registrations import REGISTERED, RegistrationRecord

# A client that many sessions share at once repeats itself, and knows of no setting.
_WITH_SECRET = (registration.CLIENT_SECRET_BASIC, registration.CLIENT_SECRET_POST)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a client says of itself, checked and with what it may not have left out.

    Attributes:
        values: all that a client may say of itself, as columns. What else there is only an operator says.
        document: the rest, as it said it, for it to be told.
    """

    is_public: bool
    values: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def has_secret(self) -> bool:
        """Whether it authenticates with a secret."""
        return self.values["auth_method"] in _WITH_SECRET


@dataclass(frozen=True, slots=True)
class SelfRegistered:
    """A client as it is told what is registered.

    Attributes:
        access_token: by which it changes that.
        client_secret: where one was made just now: it is not kept and not shown again.
    """

    client: ClientRecord
    document: Mapping[str, Any]
    access_token: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)


def register(
    authority: Authority, tenant: TenantRecord, metadata: Metadata, *, address: str, initial: str | None
) -> SelfRegistered:
    """Register a client, and commit.

    Args:
        address: that the request came from; empty where it is not known.
        initial: the token that lets it; None where none is asked for, and then it is counted.

    Raises:
        BadValue: its name is another's.
        TokenRefused: the token is not good, or others have used it up.
        RegistrationThrottled: too many have registered themselves.
    """
    secret = new_client_secret() if metadata.has_secret else None
    access_token = new_registration_access_token()
    allowance = Allowance.of(address if initial is None else "", is_new=initial is None)
    client = _new(authority, metadata, secret)

    def make(tx: Transaction) -> ClientRecord:
        _check_name(tx, tenant, metadata)
        allowance.take(tx, tenant.id)
        if initial is not None and not registration_tokens.use(tx, tenant.id, digest(initial)):
            raise TokenRefused("The registration token is unknown, expired or used up.")
        made = clients.create(tx, tenant.id, client)
        registrations.begin(
            tx,
            tenant.id,
            made.client_id,
            digest=digest(access_token),
            document=json.dumps(metadata.document),
            kept_seconds=authority.registered_client_seconds,
        )
        return made

    made = authority.store.transact(make)
    return SelfRegistered(made, metadata.document, access_token, secret)


def read(authority: Authority, tenant: TenantRecord, client_id: str, access_token: str) -> SelfRegistered:
    """Read what a client registered. Its secret is not known any more.

    Raises:
        TokenRefused: there is no such client, or the token is not its own.
    """
    with authority.store.reading() as tx:
        found = _proven(registrations.find(tx, tenant.id, client_id), access_token)
    return SelfRegistered(found.client, json.loads(found.document), access_token)


def change(
    authority: Authority,
    tenant: TenantRecord,
    client_id: str,
    access_token: str,
    metadata: Metadata,
    *,
    secret: str | None,
    address: str,
) -> SelfRegistered:
    """Put what a client says in the place of all that it registered, with a new token; and commit.

    Args:
        secret: its present one, which then stays; else it gets another, if it has any.

    Raises:
        BadValue: the secret is not its own, its name is another's, or it is to be what an operator has said
            that it is not.
        TokenRefused: there is no such client, or the token is not its own (any more).
        RegistrationThrottled: too much is changed from this address.
    """
    new_token, new_secret = new_registration_access_token(), new_client_secret()
    values = {
        **metadata.values,
        "is_public": metadata.is_public,
        "registration_digest": digest(new_token),
        "document": json.dumps(metadata.document),
    }
    allowance = Allowance.of(address, is_new=False)

    def put(tx: Transaction) -> tuple[ClientRecord | None, bool]:
        client = _proven(registrations.find_to_change(tx, tenant.id, client_id), access_token).client
        allowance.take(tx, tenant.id)
        if secret is not None and not authority.keyring.is_secret(secret, client.secret_digest):
            raise BadValue("The client_secret is not the present one of this client.")
        _check_name(tx, tenant, metadata)
        registration.consistent(metadata.is_public, {**registration.of(client), **metadata.values})
        keeps = metadata.has_secret and secret is not None
        fresh = authority.keyring.secret_digest(new_secret) if metadata.has_secret else None
        kept = client.secret_digest if keeps else fresh
        return clients.change(tx, tenant.id, client_id, values | {"secret_digest": kept}), keeps

    changed, keeps = authority.store.transact(put)
    assert changed is not None  # noqa: S101
    shown = new_secret if metadata.has_secret and not keeps else None
    return SelfRegistered(changed, metadata.document, new_token, shown)


def delete(
    authority: Authority, tenant: TenantRecord, client_id: str, access_token: str, *, request_id: str | None
) -> None:
    """Revoke all of a client, and take it away with its secret and its token, in one transaction.

    Raises:
        TokenRefused: there is no such client, or the token is not its own.
    """
    cause = Cause(CLIENT_DELETED, f"client:{client_id}", request_id=request_id)

    def end(tx: Transaction) -> Revocation:
        _proven(registrations.find_to_change(tx, tenant.id, client_id), access_token)
        done = revocation.apply(authority, tx, tenant, selectors.Client(tenant.name, client_id), cause)
        clients.delete(tx, tenant.id, client_id)
        return done

    hooks.announce(authority, authority.store.transact(end))


def _new(authority: Authority, metadata: Metadata, secret: str | None) -> ClientRecord:
    values = registration.defaults(metadata.is_public)
    return ClientRecord(
        client_id=new_client_id(),
        is_public=metadata.is_public,
        secret_digest=authority.keyring.secret_digest(secret) if secret is not None else None,
        epoch=0,
        created_at=0,
        deleted_at=None,
        disabled_at=None,
        provenance=REGISTERED,
        **registration.consistent(metadata.is_public, {**values, **metadata.values}),
    )


def _proven(found: RegistrationRecord | None, access_token: str) -> RegistrationRecord:
    """Give the client if the token is its own; one that is gone and a wrong token are not told apart."""
    known = found.digest if found is not None else bytes(len(digest("")))
    if not hmac.compare_digest(digest(access_token), known) or found is None:
        raise TokenRefused("The registration access token is unknown, or was renewed.")
    return found


def _check_name(tx: Transaction, tenant: TenantRecord, metadata: Metadata) -> None:
    name = metadata.values.get("name")
    if name is not None and likenesses.is_taken(tx, tenant.id, name):
        raise BadValue("The client_name is, or looks like, that of another client.")
