"""Clients by the document at their id: found when somebody asks for one, and kept up to date when it is used.

A worker is at few documents at once, and sends the rest away: a slow host must not take the threads that
revocations need, nor a stranger the turns of clients that are here (see `document_turns`). Nothing here is in
a transaction of the store while it waits.
"""

import functools
import logging
from contextlib import AbstractContextManager
from dataclasses import replace

from rescind.domain.authority import Authority
from rescind.domain.fetching import Fetching
from rescind.domain.registry import clients, documents, tenants
from rescind.domain.registry.document_memory import Failure
from rescind.domain.registry.documents import DOCUMENT, Document
from rescind.domain.registry.tenant_settings import TenantSettings
from rescind.errors import DocumentRefused, DocumentUnavailable, NotFound
from rescind.protocol.client_id_metadata_document import is_document_url, read, read_keys, relied_on_seconds
from rescind.store.records import ClientRecord, TenantRecord

log = logging.getLogger(__name__)

# So long it is not tried again what has failed.
FAILURE_SECONDS = 10


def current(
    authority: Authority,
    tenant: TenantRecord,
    client_id: str | None,
    known: ClientRecord | None,
    *,
    address: str,
) -> ClientRecord | None:
    """Give a client for an authorization request, by its document where it has one.

    Args:
        known: the client with this id, if it has a row.
        address: that the request came from; empty where it is not known.

    Returns:
        None where there is no such client, or the tenant takes none by their documents.

    Raises:
        DocumentRefused: the document is not there, or no client can be what it says.
        DocumentUnavailable: it can't be had just now.
        StoreUnavailable: the store did not answer.
    """
    if known is not None and known.provenance != DOCUMENT:
        return known
    if client_id is None or not is_document_url(client_id):
        return None
    set_for = tenants.settings_of(authority, tenant)
    if not set_for.client_metadata_documents:
        return None
    if known is None:
        threads, now = authority.settings.pool_size, tenant.read_at
        turn = authority.document_turns.of_stranger(client_id, address, threads=threads, now=now)
        document = _remembered(authority, tenant, client_id, turn)
        return documents.unwritten(document, set_for.open_scope)
    if not documents.is_due(known, tenant.read_at):
        return known
    _renew(authority, tenant, client_id, set_for)
    try:
        return clients.get(authority, tenant, client_id)
    except NotFound:
        return None


def may_come(authority: Authority, tenant: TenantRecord, client_id: str) -> bool:
    """Tell whether a client without a row could come by the document at this id."""
    return is_document_url(client_id) and tenants.settings_of(authority, tenant).client_metadata_documents


def renew_due(authority: Authority, tenant: TenantRecord, client_id: str) -> None:
    """Bring the row of a client up to date, whose document is out of date.

    Raises:
        DocumentRefused: the document is gone, or no client can be what it says; or the tenant does not take
            clients by their documents any more.
        DocumentUnavailable: it can't be had just now.
        StoreUnavailable: the store did not answer.
    """
    set_for = tenants.settings_of(authority, tenant)
    if not set_for.client_metadata_documents:
        raise DocumentRefused("Clients by the document at their id are not taken here any more.")
    _renew(authority, tenant, client_id, set_for)


def written(authority: Authority, tenant: TenantRecord, client: ClientRecord, *, since: int) -> ClientRecord:
    """Give a client to whom somebody has just allowed something, with a row if it had none.

    Args:
        since: when the request began.

    Raises:
        DocumentRefused: it can't have one, or was ended since.
        DocumentUnavailable: its document can't be had just now.
    """
    if not documents.is_unwritten(client):
        return client
    document = _remembered(authority, tenant, client.client_id, _turn(authority, client.client_id))
    return documents.write(authority, tenant, document, client, since=since)


def _renew(authority: Authority, tenant: TenantRecord, client_id: str, set_for: TenantSettings) -> None:
    # Not what this worker remembers: another may have seen a newer one since.
    found = authority.document_memory.find(client_id, tenant.read_at)
    if isinstance(found, Failure):
        raise found.error()
    document = _fetch(authority, tenant, client_id, _turn(authority, client_id))
    ended = documents.renew(authority, tenant, document, set_for.open_scope)
    if ended is not None:
        log.info("the document of a client has dropped what was good", extra={"client": client_id})


def _turn(authority: Authority, client_id: str) -> AbstractContextManager[None]:
    return authority.document_turns.of_client(client_id, threads=authority.settings.pool_size)


def _remembered(
    authority: Authority, tenant: TenantRecord, client_id: str, turn: AbstractContextManager[None]
) -> Document:
    """Give a document that this worker has had, for as long as it is good, or fetch it."""
    found = authority.document_memory.find(client_id, tenant.read_at)
    if isinstance(found, Failure):
        raise found.error()
    return _fetch(authority, tenant, client_id, turn) if found is None else found


def _fetch(
    authority: Authority, tenant: TenantRecord, client_id: str, turn: AbstractContextManager[None]
) -> Document:
    memory, now = authority.document_memory, tenant.read_at
    with turn:
        try:
            document = _fetched(_fetching(authority.settings.metadata_hosts), client_id)
        except (DocumentRefused, DocumentUnavailable) as error:
            memory.keep(client_id, Failure.of(error), now + FAILURE_SECONDS)
            raise
    memory.keep(client_id, document, now + document.relied_on_seconds)
    return document


def _fetched(fetching: Fetching, client_id: str) -> Document:
    document = read(client_id, fetching.fetch(client_id))
    if document.jwks_uri is None:
        return document
    keys = fetching.fetch(document.jwks_uri)
    seconds = min(document.relied_on_seconds, relied_on_seconds(keys.headers))
    values = {**document.values, "jwks": read_keys(keys)}
    return replace(document, values=values, relied_on_seconds=seconds)


@functools.cache
def _fetching(hosts: tuple[str, ...]) -> Fetching:
    return Fetching(hosts)
