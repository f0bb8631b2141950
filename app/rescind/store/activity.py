"""The one predicate: is this token active? Nothing else decides.

It stands in two halves, *ended* (by a decision) and *expired* (by time); active is neither. Each level is
built on the one before: session, grant, token. The expressions speak of the tables in `JOINED`, and of
`:now`, whole seconds since 1970.
"""

from sqlalchemy import BindParameter, ColumnElement, Join, Table, and_, bindparam, func, not_, or_

from rescind.store.tables import authorization_codes, clients, grants, sessions, subjects, tenants, tokens

NOW: BindParameter[int] = bindparam("now")
TENANT_ID: BindParameter[int] = bindparam("tenant_id")

# A subject that was never revoked has no row.
_subject_epoch = func.coalesce(subjects.c.epoch, 0)


def _names_session(authorization: Table) -> ColumnElement[bool]:
    return authorization.c.session_sid.is_not(None)


def _authorization_ended(authorization: Table) -> ColumnElement[bool]:
    """Tell of a grant, or of the code that stands for one, whether what it was made under has ended."""
    return or_(
        and_(_names_session(authorization), or_(sessions.c.sid.is_(None), session_ended)),
        authorization.c.tenant_epoch != tenants.c.epoch,
        authorization.c.client_epoch != clients.c.epoch,
        and_(authorization.c.subject.is_not(None), authorization.c.subject_epoch != _subject_epoch),
        clients.c.deleted_at.is_not(None),
        tenants.c.disabled_at.is_not(None),
    )


def _authorization_expired(authorization: Table) -> ColumnElement[bool]:
    session_over = func.coalesce(sessions.c.expires_at, 0) <= NOW
    return or_(authorization.c.expires_at <= NOW, and_(_names_session(authorization), session_over))


def _authorization_joined(authorization: Table, session: ColumnElement[str]) -> Join:
    """Join what decides about a grant or a code; each table by the tenant as well."""
    owner, subject = (authorization.c[name] for name in ("client_id", "subject"))
    return (
        authorization.join(tenants, tenants.c.id == TENANT_ID)
        .join(clients, and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == owner))
        .outerjoin(subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == subject))
        .outerjoin(sessions, and_(sessions.c.tenant_id == TENANT_ID, sessions.c.sid == session))
    )


session_ended: ColumnElement[bool] = or_(
    sessions.c.ended_at.is_not(None),
    sessions.c.tenant_epoch != tenants.c.epoch,
    sessions.c.subject_epoch != _subject_epoch,
    tenants.c.disabled_at.is_not(None),
)
session_expired: ColumnElement[bool] = sessions.c.expires_at <= NOW

grant_ended: ColumnElement[bool] = or_(
    grants.c.revoked_at.is_not(None),
    # The end of a session can take along what would outlive it.
    sessions.c.offline_ended_at.is_not(None),
    _authorization_ended(grants),
)
grant_expired: ColumnElement[bool] = _authorization_expired(grants)

code_ended: ColumnElement[bool] = _authorization_ended(authorization_codes)
code_expired: ColumnElement[bool] = _authorization_expired(authorization_codes)

token_ended: ColumnElement[bool] = or_(
    tokens.c.revoked_at.is_not(None), tokens.c.rotated_at.is_not(None), grant_ended
)
token_expired: ColumnElement[bool] = or_(tokens.c.expires_at <= NOW, grant_expired)

grant_active: ColumnElement[bool] = not_(or_(grant_ended, grant_expired))

SESSION_JOINED = sessions.join(tenants, tenants.c.id == TENANT_ID).outerjoin(
    subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == sessions.c.subject)
)
# A grant names one session at most: that with which it dies, or that which it outlives.
GRANT_JOINED = _authorization_joined(
    grants, func.coalesce(grants.c.session_sid, grants.c.offline_session_sid)
)
CODE_JOINED = _authorization_joined(authorization_codes, authorization_codes.c.session_sid)
TOKEN_JOINED = GRANT_JOINED.join(
    tokens, and_(tokens.c.tenant_id == TENANT_ID, tokens.c.grant_id == grants.c.id)
)
