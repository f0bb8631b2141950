"""Statements on `clients`."""

import secrets
from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Text,
    and_,
    bindparam,
    case,
    literal_column,
    select,
    update,
)

from rescind.errors import AlreadyExists
from rescind.store import likenesses, naming, origins, resources
from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Store, Transaction
from rescind.store.records import ClientRecord
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients
from rescind.store.writes import Write, inserting, spelled

# What is set at the registration, and can be changed after.
_REGISTERED = (
    *("name", "is_public", "auth_method", "secret_digest", "jwks", "grant_types", "redirect_uris"),
    *("post_logout_redirect_uris", "allowed_origins", "backchannel_logout_uri", "scope"),
    *("backchannel_logout_session_required", "revocation_scope", "is_resource_server"),
    *("resources", "refresh_grace_seconds", "on_reuse", "is_rotating", "logo_url", "home_url", "provenance"),
)
# What one has that no operator registered.
_OF_ITS_OWN = dict.fromkeys(("registration_digest", "document", "document_expires_at", "sweep_at"))
# Behind the time, so that two of one second have not the same.
_EPOCH_BITS = 30
# No code, device code or sealed form is good for longer.
_DELETED_KEPT_SECONDS = literal_column("86400", BigInteger)
_CLIENT = Shape(ClientRecord, clients)
_CLIENT_ID = bindparam("client_id", type_=Text)
_THIS = and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == _CLIENT_ID)
_LIVE = and_(_THIS, clients.c.deleted_at.is_(None))

_FIND = Statement(select(*_CLIENT.columns).where(_THIS), _CLIENT)
# Locked until the change is written: it is right for what was read, and for nothing else. What others read
# or issue meanwhile does not wait.
_FIND_TO_CHANGE = Statement(
    select(*_CLIENT.columns).where(_LIVE).with_for_update(key_share=True, of=clients), _CLIENT
)
_LIST = Statement(
    select(*_CLIENT.columns)
    .where(
        clients.c.tenant_id == TENANT_ID,
        clients.c.deleted_at.is_(None),
        clients.c.client_id > bindparam("after", type_=Text),
    )
    .order_by(clients.c.client_id)
    .limit(bindparam("most", type_=BigInteger)),
    _CLIENT,
)


def _create_or_bring_back(insert: Any) -> Any:
    statement = inserting(
        clients,
        naming.is_nobody(_CLIENT_ID),
        columns=["client_id", *_REGISTERED, "likeness"],
        insert=insert,
        # The epoch never comes again: what an earlier life of this id was given stays dead, also where its
        # row was lost, or was swept within this second.
        epoch=NOW * (1 << _EPOCH_BITS) + bindparam("new_epoch", type_=BigInteger),
        created_at=NOW,
    )
    again = {name: statement.excluded[name] for name in (*_REGISTERED, "likeness", "created_at")}
    return statement.on_conflict_do_update(
        index_elements=[clients.c.tenant_id, clients.c.client_id],
        set_={**again, "deleted_at": None, "disabled_at": None, **_OF_ITS_OWN},
        where=clients.c.deleted_at.is_not(None),
    ).returning(*_CLIENT.columns)


_CREATE = Statement(spelled(_create_or_bring_back), _CLIENT)
_RENEW_SECRET: Write[tuple[str]] = Write(
    update(clients)
    .where(_THIS, clients.c.secret_digest == bindparam("old", type_=LargeBinary))
    .values(secret_digest=bindparam("new", type_=LargeBinary))
    .returning(clients.c.client_id)
)
_DELETE = plain(
    update(clients)
    .where(_LIVE)
    .values(
        secret_digest=None,
        jwks=None,
        registration_digest=None,
        deleted_at=NOW,
        # One that nobody will name again goes wholly when nothing of it is left, no code or form either.
        sweep_at=case((clients.c.provenance.is_not(None), NOW + _DELETED_KEPT_SECONDS)),
    )
    .returning(clients.c.allowed_origins, clients.c.resources)
)


def find(tx: Transaction, tenant_id: int, client_id: str) -> ClientRecord | None:
    """Find a client, deleted or not."""
    return tx.first(_FIND, tenant_id=tenant_id, client_id=client_id)


def find_to_change(tx: Transaction, tenant_id: int, client_id: str) -> ClientRecord | None:
    """Find a client that is not deleted, and let nobody else change it before this transaction has."""
    return tx.first(_FIND_TO_CHANGE, tenant_id=tenant_id, client_id=client_id)


def list_some(tx: Transaction, tenant_id: int, *, after: str, limit: int) -> list[ClientRecord]:
    """List the clients of a tenant that are not deleted, by id, `limit` of them, from behind an id on."""
    return tx.rows(_LIST, tenant_id=tenant_id, after=after, most=limit)


def create(tx: Transaction, tenant_id: int, client: ClientRecord) -> ClientRecord:
    """Add a client. One that was deleted comes back with new data and goes on from its epoch.

    Raises:
        AlreadyExists: the client id is in use, or is a person's name.
    """
    naming.take(tx, tenant_id, client.client_id)
    likeness = likenesses.of(client.name, client.client_id, client.provenance)
    values = {"likeness": likeness, "new_epoch": secrets.randbits(_EPOCH_BITS)}
    made = tx.first(_CREATE, tenant_id=tenant_id, **values, **parameters(client))
    if made is None:
        known = find(tx, tenant_id, client.client_id)
        if known is not None and known.deleted_at is None:
            raise AlreadyExists(f"The client {client.client_id} is there already.")
        raise AlreadyExists(
            f"{client.client_id} is the name of a person here, for whom a client of that id could be taken."
        )
    origins.add(tx, tenant_id, client.client_id, client.allowed_origins)
    resources.add(tx, tenant_id, client.client_id, client.resources or ())
    return made


def change(tx: Transaction, tenant_id: int, client_id: str, values: dict[str, Any]) -> ClientRecord | None:
    """Set columns of a client that is not deleted, and give it as it is then.

    What is right only beside other columns is written in the transaction that has them by `find_to_change`.
    """
    new: dict[str, Any] = {name: bindparam(f"new_{name}", type_=clients.c[name].type) for name in values}
    given = {f"new_{name}": value for name, value in values.items()}
    if "name" in values:
        new["likeness"] = likenesses.OF_OPERATORS
        given["likeness"] = likenesses.likeness(values["name"] or client_id)
    listed = find(tx, tenant_id, client_id) if {"allowed_origins", "resources"} & values.keys() else None
    statement = Statement(
        update(clients).where(_LIVE).values(new).returning(*_CLIENT.columns), _CLIENT, is_prepared=False
    )
    changed = tx.first(statement, tenant_id=tenant_id, client_id=client_id, **given)
    if changed is not None and listed is not None and "allowed_origins" in values:
        origins.replace(tx, tenant_id, client_id, listed.allowed_origins, values["allowed_origins"])
    if changed is not None and listed is not None and "resources" in values:
        resources.replace(tx, tenant_id, client_id, listed.resources or (), values["resources"])
    return changed


def delete(tx: Transaction, tenant_id: int, client_id: str) -> bool:
    """Mark a client as deleted and wipe its secret and keys. Gives whether this call did it."""
    deleted = tx.first(_DELETE, tenant_id=tenant_id, client_id=client_id)
    if deleted is not None:
        listed, answered_for = deleted
        origins.replace(tx, tenant_id, client_id, listed, ())
        resources.replace(tx, tenant_id, client_id, answered_for or (), ())
    return deleted is not None


def renew_secret_digest(store: Store, tenant_id: int, client_id: str, old: bytes, new: bytes) -> bool:
    """Replace the digest of a secret, and commit, unless it was replaced meanwhile. Gives whether it was."""
    return store.write(_RENEW_SECRET, tenant_id=tenant_id, client_id=client_id, old=old, new=new) is not None
