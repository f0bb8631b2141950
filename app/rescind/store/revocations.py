"""Statements that end things, and the event row that says so.

Each is a conditional update that is decided by the row it gives back, so that of two at once just one ends
the thing and writes the event. All cost the same for one token as for ten million.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, insert, select, update

from rescind.store.dialects import PerDialect
from rescind.store.engine import Transaction
from rescind.store.records import NewRevocation
from rescind.store.tables import clients, grants, revocations, sessions, subjects, tenants, tokens

# Not the name of a column: SQLAlchemy would take such a parameter for one that is to be set.
_TENANT_ID: BindParameter[int] = bindparam("of_tenant")
_AT: BindParameter[int] = bindparam("at")


def _ending(table: Table, key: str, mark: str) -> Any:
    return (
        update(table)
        .where(table.c.tenant_id == _TENANT_ID, table.c[key] == bindparam("this"), table.c[mark].is_(None))
        .values({mark: _AT})
        .returning(table.c[key])
    )


_END_TOKEN = _ending(tokens, "digest", "revoked_at")
_END_GRANT = _ending(grants, "id", "revoked_at")
_END_SESSION = _ending(sessions, "sid", "ended_at")
_END_SESSION_WHOLLY = _END_SESSION.values(offline_ended_at=_AT)

_RAISE_TENANT = (
    update(tenants)
    .where(tenants.c.id == _TENANT_ID)
    .values(epoch=tenants.c.epoch + 1, epoch_at=_AT)
    .returning(tenants.c.epoch)
)
_RAISE_CLIENT = (
    update(clients)
    .where(clients.c.tenant_id == _TENANT_ID, clients.c.client_id == bindparam("this"))
    .values(epoch=clients.c.epoch + 1, epoch_at=_AT)
    .returning(clients.c.epoch)
)
_SUBJECT_EPOCH = select(subjects.c.epoch).where(
    subjects.c.tenant_id == _TENANT_ID, subjects.c.subject == bindparam("this")
)


def _raise_or_insert(insert: Any) -> Any:
    values = {"tenant_id": _TENANT_ID, "subject": bindparam("this"), "epoch": 1, "epoch_at": _AT}
    statement = insert.values(values)
    return statement.on_conflict_do_update(
        index_elements=[subjects.c.tenant_id, subjects.c.subject],
        set_={"epoch": subjects.c.epoch + 1, "epoch_at": statement.excluded.epoch_at},
    ).returning(subjects.c.epoch)


_RAISE_SUBJECT = PerDialect(subjects, _raise_or_insert)


def end_token(tx: Transaction, tenant_id: int, digest: bytes, *, at: int) -> bool:
    """End one token. Gives whether this call did it."""
    return _done(tx, _END_TOKEN, tenant_id, digest, at) is not None


def end_grant(tx: Transaction, tenant_id: int, grant_id: str, *, at: int) -> bool:
    """End one grant and so every token of it. Gives whether this call did it."""
    return _done(tx, _END_GRANT, tenant_id, grant_id, at) is not None


def end_session(tx: Transaction, tenant_id: int, sid: str, *, at: int) -> bool:
    """End one session and so every grant that dies with it. Gives whether this call did it."""
    return _done(tx, _END_SESSION, tenant_id, sid, at) is not None


def end_session_wholly(tx: Transaction, tenant_id: int, sid: str, *, at: int) -> bool:
    """Do the same, and end what was given `offline_access` in that session too."""
    return _done(tx, _END_SESSION_WHOLLY, tenant_id, sid, at) is not None


def raise_tenant(tx: Transaction, tenant_id: int, *, at: int) -> bool:
    """Raise a tenant's epoch. Gives whether there is such a tenant."""
    return _done(tx, _RAISE_TENANT, tenant_id, None, at) is not None


def raise_client(tx: Transaction, tenant_id: int, client_id: str, *, at: int) -> bool:
    """Raise a client's epoch. Gives whether there is such a client."""
    return _done(tx, _RAISE_CLIENT, tenant_id, client_id, at) is not None


def raise_subject(tx: Transaction, tenant_id: int, subject: str, *, at: int) -> bool:
    """Raise a subject's epoch, from 0 where it has no row yet. Gives True."""
    return _done(tx, _RAISE_SUBJECT.on(tx), tenant_id, subject, at) is not None


def subject_epoch(tx: Transaction, tenant_id: int, subject: str) -> int:
    """Read a subject's epoch; one without a row has 0."""
    epoch = tx.execute(_SUBJECT_EPOCH, {"of_tenant": tenant_id, "this": subject}).scalar()
    return int(epoch or 0)


def record(tx: Transaction, tenant_id: int, event: NewRevocation) -> None:
    """Write the event row."""
    tx.execute(insert(revocations), {"tenant_id": tenant_id, **asdict(event)})


def _done(tx: Transaction, statement: Any, tenant_id: int, this: bytes | str | None, at: int) -> Any:
    values: dict[str, Any] = {"of_tenant": tenant_id, "at": at} | ({} if this is None else {"this": this})
    return tx.execute(statement, values).one_or_none()
