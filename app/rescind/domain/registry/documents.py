"""Clients whose id is the URL of the document that describes them, and their rows.

Whoever asks for such a client has its document fetched, and leaves nothing behind. A row is there only once
somebody has allowed the client something. It holds what the document says, until that is out of date; what a
newer one says no longer, ends all that was given through it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from rescind.domain.authority import Authority
from rescind.domain.registry import registration
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import DOCUMENT_CHANGED, Cause, Revocation
from rescind.errors import AlreadyExists, DocumentRefused
from rescind.store import client_documents, clients
from rescind.store.engine import Transaction
from rescind.store.records import ClientRecord, TenantRecord

DOCUMENT = "document"
MOST_ROWS_OF_HOST = 100
# No row has it: an epoch begins with the time.
_UNWRITTEN_EPOCH = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was fetched and checked.

    Attributes:
        values: the metadata that it gives, by the names of `registration.defaults`, but for the scope.
        scope: that it names; None where it names none.
        relied_on_seconds: for how long it is good.
        jwks_uri: where the keys are, where they are still to be had.
    """

    client_id: str
    text: str = field(repr=False)
    is_public: bool
    values: Mapping[str, Any]
    scope: tuple[str, ...] | None
    relied_on_seconds: int
    jwks_uri: str | None = None

    def scope_of(self, open_scope: tuple[str, ...]) -> tuple[str, ...]:
        """Give what the client may ask for: what it names of what is open to those that bring themselves."""
        return open_scope if self.scope is None else tuple(word for word in self.scope if word in open_scope)


def is_unwritten(client: ClientRecord) -> bool:
    """Tell whether a client is known by its document alone, and has no row."""
    return client.provenance == DOCUMENT and client.epoch == _UNWRITTEN_EPOCH


def is_due(client: ClientRecord | None, now: int) -> bool:
    """Tell whether the document of a client's row is out of date; of one that is disabled nobody asks."""
    if client is None or client.provenance != DOCUMENT or is_unwritten(client):
        return False
    if client.disabled_at is not None:
        return False
    return client.document_expires_at is None or client.document_expires_at <= now


def as_begun(client: ClientRecord | None, epoch: int) -> ClientRecord | None:
    """Take up a client for a request that began with this epoch: before there was a row, if it was none."""
    if client is not None and client.provenance == DOCUMENT and epoch == _UNWRITTEN_EPOCH:
        return replace(client, epoch=_UNWRITTEN_EPOCH)
    return client


def unwritten(document: Document, open_scope: tuple[str, ...]) -> ClientRecord:
    """Make of a document the client that it describes, without a row."""
    values = registration.defaults(document.is_public) | _values(document, open_scope)
    return _client(document.client_id, document.is_public, values)


def expect(authority: Authority, tenant: TenantRecord, client_id: str) -> None:
    """Give a client a row that nobody has let in yet, and commit: so an operator can keep it out.

    Its document is out of date from the beginning.

    Raises:
        AlreadyExists: its id is in use, or a person's name.
    """
    client = _client(client_id, True, registration.defaults(is_public=True))

    def make(tx: Transaction) -> None:
        clients.create(tx, tenant.id, client)
        client_documents.sweep_after(tx, tenant.id, client_id, seconds=authority.registered_client_seconds)

    authority.store.transact(make)


def _client(client_id: str, is_public: bool, values: dict[str, Any]) -> ClientRecord:
    return ClientRecord(
        client_id=client_id,
        is_public=is_public,
        secret_digest=None,
        epoch=_UNWRITTEN_EPOCH,
        created_at=0,
        deleted_at=None,
        disabled_at=None,
        provenance=DOCUMENT,
        **registration.consistent(is_public, values),
    )


def write(
    authority: Authority, tenant: TenantRecord, document: Document, client: ClientRecord, *, since: int
) -> ClientRecord:
    """Give a client its row, unless another was faster, and commit: somebody has allowed it something.

    Args:
        client: as `unwritten` makes it.
        since: when the request began; what has ended since then takes it along.

    Raises:
        DocumentRefused: all of the client was ended meanwhile, its id is a person's name, or its host has too
            many clients here.
    """

    def make(tx: Transaction) -> ClientRecord:
        before = client_documents.find_before(tx, tenant.id, client.client_id)
        if before is not None and before.ended_at is not None and before.ended_at >= since:
            raise DocumentRefused("This application's access was ended meanwhile. Start again there.")
        if before is not None and not before.is_deleted:
            present = clients.find(tx, tenant.id, client.client_id)
            if present is not None and present.provenance == DOCUMENT:
                return present
            raise AlreadyExists("An operator was faster.")
        host = urlsplit(client.client_id).hostname or ""
        if client_documents.is_full(tx, tenant.id, host, most=MOST_ROWS_OF_HOST):
            raise DocumentRefused("The host of this application has too many of them here already.")
        made = clients.create(tx, tenant.id, client)
        _describe(tx, tenant, document)
        client_documents.sweep_after(
            tx, tenant.id, client.client_id, seconds=authority.registered_client_seconds
        )
        return made

    try:
        return authority.store.transact(make)
    except AlreadyExists:
        raise DocumentRefused("This application can't be taken here: its id is in use.") from None


def renew(
    authority: Authority, tenant: TenantRecord, document: Document, open_scope: tuple[str, ...]
) -> Revocation | None:
    """Write what a newer document says into the client's row, and end what it no longer covers; commit.

    Where another was faster, nothing is done: what it has fetched is as new.

    Returns:
        What ended, if the document has dropped a redirect URI or a key, or names another method.
    """

    def change(tx: Transaction) -> Revocation | None:
        present = clients.find_to_change(tx, tenant.id, document.client_id)
        if not is_due(present, tenant.read_at) or present is None:
            return None
        values = {**_values(document, open_scope), "is_public": document.is_public}
        clients.change(tx, tenant.id, document.client_id, values)
        _describe(tx, tenant, document)
        if not _drops(present, values):
            return None
        cause = Cause(DOCUMENT_CHANGED, f"client:{document.client_id}")
        selector = selectors.Client(tenant.name, document.client_id)
        return revocation.apply(authority, tx, tenant, selector, cause)

    done = authority.store.transact(change)
    if done is not None:
        hooks.announce(authority, done)
    return done


def _values(document: Document, open_scope: tuple[str, ...]) -> dict[str, Any]:
    return {**document.values, "scope": document.scope_of(open_scope)}


def _describe(tx: Transaction, tenant: TenantRecord, document: Document) -> None:
    seconds = document.relied_on_seconds
    client_documents.describe(tx, tenant.id, document.client_id, document.text, seconds=seconds)


def _drops(present: ClientRecord, values: Mapping[str, Any]) -> bool:
    """Tell whether something was good before that is not any more."""
    return (
        present.auth_method != values["auth_method"]
        or not set(present.redirect_uris) <= set(values["redirect_uris"])
        or not _keys(present.jwks) <= _keys(values["jwks"])
    )


def _keys(jwks: str | None) -> set[str]:
    return {json.dumps(each, sort_keys=True) for each in json.loads(jwks or '{"keys": []}')["keys"]}
