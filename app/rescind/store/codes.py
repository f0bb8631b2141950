"""Statements on `authorization_codes`."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from rescind.store.activity import CODE_JOINED, TENANT_ID, code_ended, code_expired
from rescind.store.engine import Transaction
from rescind.store.records import CodeRecord, NewCode
from rescind.store.tables import authorization_codes as codes

_STATES = {"is_ended": code_ended.label("code_is_ended"), "is_expired": code_expired.label("code_is_expired")}
_COLUMNS: list[Any] = [_STATES.get(field.name, codes.c.get(field.name)) for field in fields(CodeRecord)]
_FIND = (
    select(*_COLUMNS)
    .select_from(CODE_JOINED)
    .where(codes.c.tenant_id == TENANT_ID, codes.c.digest == bindparam("digest"))
)
_REDEEM = (
    update(codes)
    # Not the names of columns: SQLAlchemy would take such parameters for ones that are to be set.
    .where(
        codes.c.tenant_id == bindparam("of_tenant"),
        codes.c.digest == bindparam("this"),
        codes.c.redeemed_at.is_(None),
    )
    .values(redeemed_at=bindparam("at"), kept_until=bindparam("until"))
    .returning(codes.c.digest)
)
_VOID = (
    update(codes)
    .where(
        codes.c.tenant_id == bindparam("of_tenant"),
        codes.c.subject == bindparam("of_subject"),
        codes.c.client_id == bindparam("of_client"),
        codes.c.redeemed_at.is_(None),
        # Those not redeemed are kept for minutes, the others for a month: the index finds these few.
        codes.c.kept_until > bindparam("earliest"),
        codes.c.kept_until <= bindparam("latest"),
    )
    .values(redeemed_at=bindparam("at"))
)


def add(tx: Transaction, tenant_id: int, code: NewCode) -> None:
    """Write a code."""
    tx.execute(insert(codes), {"tenant_id": tenant_id, **asdict(code)})


def find(tx: Transaction, tenant_id: int, digest: bytes, *, now: int) -> CodeRecord | None:
    """Find a code, redeemed or not."""
    row = tx.execute(_FIND, {"tenant_id": tenant_id, "digest": digest, "now": now}).one_or_none()
    return None if row is None else CodeRecord(*tuple(row))


def redeem(tx: Transaction, tenant_id: int, digest: bytes, *, at: int, kept_until: int) -> bool:
    """Mark a code as redeemed, unless it is so already.

    Args:
        kept_until: when its grant expires; the row stays until then.

    Returns:
        Whether this call was the one that did it. Of two at once just one is.
    """
    values = {"of_tenant": tenant_id, "this": digest, "at": at, "until": kept_until}
    return tx.execute(_REDEEM, values).one_or_none() is not None


def void(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, at: int, within: tuple[int, int]
) -> None:
    """Use up, for nothing, every code about a subject that this client has not redeemed yet.

    Waits for a redemption that is under way, so that what follows in this transaction sees its grant.

    Args:
        within: between these times expires a code that could still be redeemed.
    """
    values = {"of_tenant": tenant_id, "of_subject": subject, "of_client": client_id}
    tx.execute(_VOID, {**values, "at": at, "earliest": within[0], "latest": within[1]})
