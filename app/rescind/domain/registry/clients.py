"""Register clients, change them, take them away."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rescind.domain import names, uris
from rescind.domain.authority import Authority
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.domain.registry import registration
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import CLIENT_DELETED, Cause, Revocation
from rescind.domain.secrets import new_client_id, new_client_secret
from rescind.errors import BadValue, NotFound, Refused, StoreUnavailable
from rescind.store import clients
from rescind.store.engine import Transaction
from rescind.store.records import ClientRecord, TenantRecord


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, and its secret where one was made or given just now: it is not kept and not shown again."""

    client: ClientRecord
    client_secret: str | None


def create(
    authority: Authority,
    tenant: TenantRecord,
    *,
    client_id: str | None = None,
    is_public: bool = False,
    secret: str | None = None,
    **options: Any,
) -> Registered:
    """Register a client. An id that was deleted may come back; what it had before stays dead.

    Args:
        client_id: made up where it is not given.
        secret: of a confidential client; made up where it is not given.
        options: as `registration.changes` takes them.

    Raises:
        BadValue: a value is not what it must be.
        AlreadyExists: the client id is in use.
    """
    client_id = names.client_id(client_id) if client_id is not None else new_client_id()
    options = registration.implied(options, is_public=is_public, has_secret=secret is not None)
    values = registration.defaults(is_public) | _checked(authority, is_public, options)
    if secret is not None and is_public:
        raise BadValue("A public client has no secret.")
    if not is_public and values["auth_method"] != registration.PRIVATE_KEY_JWT:
        secret = names.client_secret(secret) if secret is not None else new_client_secret()
    elif secret is not None:
        raise BadValue("A client that authenticates with private_key_jwt has no secret.")
    client = ClientRecord(
        client_id=client_id,
        is_public=is_public,
        secret_digest=_digest(authority, secret) if secret is not None else None,
        epoch=0,
        created_at=0,
        deleted_at=None,
        disabled_at=None,
        provenance=None,
        **registration.consistent(is_public, values),
    )
    return Registered(authority.store.transact(lambda tx: clients.create(tx, tenant.id, client)), secret)


def get(authority: Authority, tenant: TenantRecord, client_id: str) -> ClientRecord:
    """Find a client that is not deleted.

    Raises:
        NotFound: there is none.
    """
    with authority.store.reading() as tx:
        client = clients.find(tx, tenant.id, client_id) if names.is_client_id(client_id) else None
    if client is None or client.deleted_at is not None:
        raise _missing(tenant, client_id)
    return client


def list_all(authority: Authority, tenant: TenantRecord) -> Iterator[ClientRecord]:
    """List the clients of a tenant, by id, read page by page."""

    def page(after: str) -> list[ClientRecord]:
        with authority.store.reading() as tx:
            return clients.list_some(tx, tenant.id, after=after, limit=PAGE_ROWS)

    return pages(page, lambda client: client.client_id, "")


def unusable(authority: Authority, client: ClientRecord) -> list[str]:
    """List the addresses of a client that are not used any more: more was allowed when they came."""
    redirects = [*client.redirect_uris, *client.post_logout_redirect_uris]
    found = [each for each in redirects if each not in uris.usable(redirects)]
    posted = [client.backchannel_logout_uri] if client.backchannel_logout_uri else []
    usable = uris.usable(posted, uris.backchannel_check(authority.settings))
    return [*dict.fromkeys(found), *(each for each in posted if each not in usable)]


def update(authority: Authority, tenant: TenantRecord, client_id: str, **options: Any) -> ClientRecord:
    """Change what is given of a client, and leave the rest.

    Raises:
        BadValue: a value is not what it must be, or does not go with the others.
        NotFound: there is no such client.
    """

    def change(tx: Transaction) -> ClientRecord:
        client = _to_change(tx, tenant, client_id)
        if client.provenance == registration.RESERVED and set(options) - {"scope", "name"}:
            raise Refused(f"The client {client_id} is the server's own: its --scope can be changed, no more.")
        new = _checked(authority, client.is_public, options)
        if not new:
            return client
        if "jwks" in new:
            registration.check_keys_are_used(new.get("auth_method", client.auth_method))
        registration.consistent(client.is_public, registration.of(client) | new)
        if new.get("auth_method") == registration.PRIVATE_KEY_JWT:
            # Or the old secret would be good again after a change back.
            new["secret_digest"] = None
        return _changed(tx, tenant, client_id, new)

    return authority.store.transact(change)


def rotate_secret(
    authority: Authority, tenant: TenantRecord, client_id: str, secret: str | None = None
) -> Registered:
    """Give a client a new secret; the old one is refused at once. Its tokens live on.

    Raises:
        NotFound: there is no such client.
        Refused: it has no secret.
    """
    secret = names.client_secret(secret) if secret is not None else new_client_secret()
    digest = _digest(authority, secret)

    def rotate(tx: Transaction) -> ClientRecord:
        client = _to_change(tx, tenant, client_id)
        has_none = client.is_public or client.auth_method == registration.PRIVATE_KEY_JWT
        if has_none or client.provenance == registration.RESERVED:
            raise Refused(f"The client {client_id} has no secret.")
        return _changed(tx, tenant, client_id, {"secret_digest": digest})

    return Registered(authority.store.transact(rotate), secret)


def renew_secret_digest(authority: Authority, tenant_id: int, client: ClientRecord, secret: str) -> None:
    """Store the digest of a secret that was right anew, under the newest key, if an older one made it.

    So a key can be taken out of `RESCIND_SECRET_KEY` once every client has authenticated since, of which
    `rekeying` tells. A store that can't be written to just now is no reason to refuse the client.
    """
    old = client.secret_digest
    if old is None or authority.keyring.is_of_first_key(old):
        return
    new = _digest(authority, secret)
    if new == old:
        return
    with contextlib.suppress(StoreUnavailable):
        clients.renew_secret_digest(authority.store, tenant_id, client.client_id, old, new)


def delete(authority: Authority, tenant: TenantRecord, client_id: str, *, actor: str) -> Revocation:
    """Revoke all of a client, wipe its secret and keys and mark it deleted, in one transaction.

    Raises:
        NotFound: there is no such client.
    """
    get(authority, tenant, client_id)

    def end(tx: Transaction) -> Revocation:
        selector = selectors.Client(tenant.name, client_id)
        done = revocation.apply(authority, tx, tenant, selector, Cause(CLIENT_DELETED, actor))
        if not clients.delete(tx, tenant.id, client_id):
            raise NotFound(f"The client {client_id} was deleted meanwhile.")
        return done

    done = authority.store.transact(end)
    hooks.announce(authority, done)
    return done


def _checked(authority: Authority, is_public: bool, options: dict[str, Any]) -> dict[str, Any]:
    """Check what is said of a client, and that it would be so: to its address, and by all workers."""
    values = registration.changes(is_public, options)
    if values.get("resources") and not authority.store.is_settled:
        # Their introspection would show it every token.
        raise Refused(
            "Workers of the version before know nothing of resources: when the last is gone, run rescind db "
            "upgrade --finish, then give the client its --resource."
        )
    if values.get("backchannel_logout_uri") is not None:
        uris.backchannel_check(authority.settings)(values["backchannel_logout_uri"])
    return values


def _digest(authority: Authority, secret: str) -> bytes:
    """Give the digest of a secret as every worker that may be left understands it."""
    return authority.keyring.secret_digest(secret, is_marked=authority.store.is_settled)


def _to_change(tx: Transaction, tenant: TenantRecord, client_id: str) -> ClientRecord:
    """Read a client in the transaction that will change it: what it is now decides what it may become."""
    found = clients.find_to_change(tx, tenant.id, client_id) if names.is_client_id(client_id) else None
    if found is None:
        raise _missing(tenant, client_id)
    return found


def _changed(tx: Transaction, tenant: TenantRecord, client_id: str, values: dict[str, Any]) -> ClientRecord:
    changed = clients.change(tx, tenant.id, client_id, values)
    if changed is None:
        raise _missing(tenant, client_id)
    return changed


def _missing(tenant: TenantRecord, client_id: str) -> NotFound:
    return NotFound(f"There is no client {client_id!r} in the tenant {tenant.name}.")
