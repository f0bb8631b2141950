"""The one predicate: is this token active? Nothing else decides.

It stands in two halves, *ended* (by a decision) and *expired* (by time); active is neither. Each level is
built on the one before: session, grant, token. The expressions speak of the tables in `JOINED`, and of
`:now`, whole seconds since 1970.
"""

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, not_, or_

from rescind.store.tables import clients, grants, sessions, subjects, tenants, tokens

NOW: BindParameter[int] = bindparam("now")
TENANT_ID: BindParameter[int] = bindparam("tenant_id")

# A subject that was never revoked has no row.
_subject_epoch = func.coalesce(subjects.c.epoch, 0)
_names_session = grants.c.session_sid.is_not(None)

session_ended: ColumnElement[bool] = or_(
    sessions.c.ended_at.is_not(None),
    sessions.c.tenant_epoch != tenants.c.epoch,
    sessions.c.subject_epoch != _subject_epoch,
    tenants.c.disabled_at.is_not(None),
)
session_expired: ColumnElement[bool] = sessions.c.expires_at <= NOW

grant_ended: ColumnElement[bool] = or_(
    grants.c.revoked_at.is_not(None),
    and_(_names_session, or_(sessions.c.sid.is_(None), session_ended)),
    grants.c.tenant_epoch != tenants.c.epoch,
    grants.c.client_epoch != clients.c.epoch,
    and_(grants.c.subject.is_not(None), grants.c.subject_epoch != _subject_epoch),
    clients.c.deleted_at.is_not(None),
    tenants.c.disabled_at.is_not(None),
)
grant_expired: ColumnElement[bool] = or_(
    grants.c.expires_at <= NOW, and_(_names_session, func.coalesce(sessions.c.expires_at, 0) <= NOW)
)

token_ended: ColumnElement[bool] = or_(
    tokens.c.revoked_at.is_not(None), tokens.c.rotated_at.is_not(None), grant_ended
)
token_expired: ColumnElement[bool] = or_(tokens.c.expires_at <= NOW, grant_expired)

session_active: ColumnElement[bool] = not_(or_(session_ended, session_expired))
grant_active: ColumnElement[bool] = not_(or_(grant_ended, grant_expired))
token_active: ColumnElement[bool] = not_(or_(token_ended, token_expired))

SESSION_JOINED = sessions.join(tenants, tenants.c.id == TENANT_ID).outerjoin(
    subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == sessions.c.subject)
)

GRANT_JOINED = (
    grants.join(tenants, tenants.c.id == TENANT_ID)
    .join(clients, and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == grants.c.client_id))
    .outerjoin(subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == grants.c.subject))
    .outerjoin(sessions, and_(sessions.c.tenant_id == TENANT_ID, sessions.c.sid == grants.c.session_sid))
)

TOKEN_JOINED = GRANT_JOINED.join(
    tokens, and_(tokens.c.tenant_id == TENANT_ID, tokens.c.grant_id == grants.c.id)
)
