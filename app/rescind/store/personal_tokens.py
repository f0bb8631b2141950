"""Statements on `personal_tokens`: what people call the tokens that they made themselves."""

from typing import Any

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from rescind.store import granting, spellings
from rescind.store.activity import TENANT_ID, authorization_joined, grant_holds, suspended
from rescind.store.clock import NOW
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.grants import values_of
from rescind.store.people_records import PersonalTokenRecord
from rescind.store.redeeming import GRANT_UNTIL
from rescind.store.shapes import Shape
from rescind.store.spellings import is_spelled
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, grants, subjects, tenants
from rescind.store.tables import personal_tokens as rows
from rescind.store.writes import Condition, Write, inserting, spelled

# What was used is not noted again for so long.
NOTED_EVERY_SECONDS = 600

_ROW = Shape(
    PersonalTokenRecord,
    rows,
    given_scope=grants.c.scope,
    left_scope=clients.c.scope,
    expires_at=grants.c.expires_at,
)
_OF_GRANT = and_(grants.c.tenant_id == TENANT_ID, grants.c.id == rows.c.grant_id)
_JOINED = authorization_joined(
    rows.join(grants, _OF_GRANT).join(tenants, tenants.c.id == TENANT_ID),
    grants,
    func.coalesce(grants.c.session_sid, grants.c.offline_session_sid),
)
_SUBJECT = bindparam("subject", type_=Text)
_OF_SUBJECT = and_(rows.c.tenant_id == TENANT_ID, rows.c.subject == _SUBJECT)
_LIST = Statement(
    select(*_ROW.columns)
    .select_from(_JOINED)
    .where(_OF_SUBJECT, grant_holds, ~suspended)
    .order_by(rows.c.created_at.desc(), rows.c.grant_id.desc()),
    _ROW,
)
# Who makes one waits for whoever makes another of the same person, and sees it then.
_LOCK = plain(
    select(subjects.c.tenant_id)
    .where(subjects.c.tenant_id == TENANT_ID, is_spelled(subjects.c.subject))
    .with_for_update(key_share=True)
)
_HOLDING = select(rows.c.grant_id).select_from(_JOINED).where(_OF_SUBJECT, grant_holds).correlate(None)
# What is over in a tenant that is disabled comes back with it.
_IN_OPEN_TENANT = exists(
    select(tenants.c.id).where(tenants.c.id == TENANT_ID, tenants.c.disabled_at.is_(None))
)
# Longer than a form is good, which may make no other token of the same grant.
_KEPT_UNTIL = NOW + 2 * granting.KEPT_SECONDS
_HASTEN_ENDED = plain(
    update(grants)
    .where(
        grants.c.tenant_id == TENANT_ID,
        grants.c.id.in_(select(rows.c.grant_id).where(_OF_SUBJECT)),
        grants.c.id.not_in(_HOLDING),
        grants.c.purge_at > _KEPT_UNTIL,
        _IN_OPEN_TENANT,
    )
    .values(purge_at=_KEPT_UNTIL)
)
_FORGET_ENDED = plain(delete(rows).where(_OF_SUBJECT, rows.c.grant_id.not_in(_HOLDING), _IN_OPEN_TENANT))
_COUNT = plain(select(func.count()).select_from(rows).where(_OF_SUBJECT))
_THIS = and_(rows.c.tenant_id == TENANT_ID, rows.c.grant_id == granting.GRANT_ID)
_IS_LONG_AGO = or_(rows.c.used_at.is_(None), rows.c.used_at <= NOW - NOTED_EVERY_SECONDS)
_NOTE: Write[tuple[str]] = Write(
    update(rows).where(_THIS, _IS_LONG_AGO).values(used_at=NOW).returning(rows.c.grant_id)
)


def _name(condition: Condition, insert: Any) -> Any:
    return inserting(
        rows,
        condition,
        columns=[],
        insert=insert,
        grant_id=granting.GRANT_ID,
        subject=granting.SUBJECT,
        name=bindparam("personal_name", type_=Text),
        created_at=NOW,
        purge_at=GRANT_UNTIL,
    )


def _grant(insert: Any) -> Any:
    # Another of the same id was made of the same form.
    once = granting.grant(granting.OF_ENABLED_CLIENT, insert).on_conflict_do_nothing()
    return once.returning(grants.c.id)


_ADD: Write[tuple[str]] = Write(
    spelled(_grant), *granting.tokens_of(is_rotation=False, has_row=False), granting.hears, _name
)


def count_locked(tx: Transaction, tenant_id: int, subject: str) -> int:
    """Count the active ones of a subject, and let nobody else add one before this transaction has ended.

    What has ended or expired is forgotten here, so no subject has more rows than it may have tokens; its
    grant goes soon, too, not when it would have expired.
    """
    tx.rows(_LOCK, tenant_id=tenant_id, **spellings.spelled(subject))
    tx.rows(_HASTEN_ENDED, tenant_id=tenant_id, subject=subject)
    tx.rows(_FORGET_ENDED, tenant_id=tenant_id, subject=subject)
    return int(tx.value(_COUNT, tenant_id=tenant_id, subject=subject))


def add(tx: Transaction, tenant_id: int, grant: NewGrant, tokens: NewTokens, name: str) -> bool:
    """Write a grant with its token and what it is called.

    Returns:
        False where nothing was written: the grant is there already, or its client is disabled.
    """
    return tx.write(_ADD, tenant_id=tenant_id, personal_name=name, **values_of(grant, tokens)) is not None


def list_of(tx: Transaction, tenant_id: int, subject: str) -> list[PersonalTokenRecord]:
    """List the active ones of a subject, all of them, the newest first."""
    return tx.rows(_LIST, tenant_id=tenant_id, subject=subject)


def note_use(store: Store, tenant_id: int, grant_id: str) -> None:
    """Note that one is used now, and commit, unless that was noted a short time ago: then nothing is written.

    Raises:
        StoreUnavailable: it may not be noted.
    """
    store.write(_NOTE, tenant_id=tenant_id, grant_id=grant_id)
