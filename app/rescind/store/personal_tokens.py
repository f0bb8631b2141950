"""Statements on `personal_tokens`: what people call the tokens that they made themselves."""

from sqlalchemy import BigInteger, Text, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from rescind.store import granting
from rescind.store.activity import TENANT_ID, authorization_joined, grant_holds, suspended
from rescind.store.clock import NOW
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.engine import Store, Transaction
from rescind.store.grants import values_of
from rescind.store.people_records import PersonalTokenRecord
from rescind.store.redeeming import GRANT_UNTIL
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import grants, tenants
from rescind.store.tables import personal_tokens as rows
from rescind.store.writes import Condition, Write, inserting

# What was used is not noted again for so long.
NOTED_EVERY_SECONDS = 600

_ROW = Shape(PersonalTokenRecord, rows, scope=grants.c.scope, expires_at=grants.c.expires_at)
_OF_GRANT = and_(grants.c.tenant_id == TENANT_ID, grants.c.id == rows.c.grant_id)
_JOINED = authorization_joined(
    rows.join(grants, _OF_GRANT).join(tenants, tenants.c.id == TENANT_ID),
    grants,
    func.coalesce(grants.c.session_sid, grants.c.offline_session_sid),
)
_LIST = Statement(
    select(*_ROW.columns)
    .select_from(_JOINED)
    .where(
        rows.c.tenant_id == TENANT_ID,
        rows.c.subject == bindparam("subject", type_=Text),
        grant_holds,
        ~suspended,
    )
    .order_by(rows.c.grant_id.desc())
    .limit(bindparam("most", type_=BigInteger)),
    _ROW,
)
_THIS = and_(rows.c.tenant_id == TENANT_ID, rows.c.grant_id == granting.GRANT_ID)
_IS_LONG_AGO = or_(rows.c.used_at.is_(None), rows.c.used_at <= NOW - NOTED_EVERY_SECONDS)
_IS_TO_NOTE = plain(select(literal_column("1", BigInteger)).where(_THIS, _IS_LONG_AGO))
_NOTE: Write[tuple[str]] = Write(
    update(rows).where(_THIS, _IS_LONG_AGO).values(used_at=NOW).returning(rows.c.grant_id)
)


def _name(condition: Condition, insert: object) -> object:
    return inserting(
        rows,
        condition,
        columns=[],
        insert=insert,  # type: ignore[arg-type]
        grant_id=granting.GRANT_ID,
        subject=granting.SUBJECT,
        name=bindparam("personal_name", type_=Text),
        created_at=NOW,
        purge_at=GRANT_UNTIL,
    )


_ADD: Write[tuple[str]] = Write(
    {
        dialect: granting.grant(None, module.insert).returning(grants.c.id)
        for dialect, module in (("postgresql", postgresql), ("sqlite", sqlite))
    },
    *granting.tokens_of(is_rotation=False, has_row=False),
    granting.hears,
    _name,
)


def add(store: Store, tenant_id: int, grant: NewGrant, tokens: NewTokens, name: str) -> None:
    """Write a grant with its token and what it is called, and commit.

    Raises:
        StoreUnavailable: it is not known to be there.
    """
    store.write(_ADD, tenant_id=tenant_id, personal_name=name, **values_of(grant, tokens))


def list_of(tx: Transaction, tenant_id: int, subject: str, *, limit: int) -> list[PersonalTokenRecord]:
    """List the active ones of a subject, the newest first."""
    return tx.rows(_LIST, tenant_id=tenant_id, subject=subject, most=limit)


def note_use(store: Store, tenant_id: int, grant_id: str) -> None:
    """Note that one is used now, and commit, unless that was noted a short time ago: then nothing is written.

    Raises:
        StoreUnavailable: it may not be noted.
    """
    with store.reading() as tx:
        is_to_note = tx.value(_IS_TO_NOTE, tenant_id=tenant_id, grant_id=grant_id)
    if is_to_note:
        store.write(_NOTE, tenant_id=tenant_id, grant_id=grant_id)
