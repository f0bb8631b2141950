"""The one predicate: is this token active? Nothing else decides.

It stands in three parts: *ended* (by a decision), *expired* (by time) and *suspended* (while its client is
disabled); active is none of them. What is suspended goes on with its client, if nothing has ended it. Each
level is built on the one before: session, grant, token. The expressions speak of the tables in `..._JOINED`,
and of the store's clock.
"""

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    true,
)

from rescind.store.clock import NOW
from rescind.store.settling import NO_EPOCH
from rescind.store.tables import (
    authorization_codes,
    clients,
    device_codes,
    grants,
    sessions,
    subjects,
    tenants,
    tokens,
)

TENANT_ID: BindParameter[int] = bindparam("tenant_id", type_=BigInteger)
# Of a token as it was shown: see `records.PresentedToken`.
DIGEST: BindParameter[bytes] = bindparam("digest", type_=LargeBinary)
_NAMED_GRANT: BindParameter[str | None] = bindparam("named_grant", type_=Text)
_SHOWN_GENERATION: BindParameter[int | None] = bindparam("shown_generation", type_=BigInteger)

# What the epoch of a subject without a row counts as: see `settling`. `Transaction` gives it.
MISSING_EPOCH: BindParameter[int] = bindparam("missing_epoch", NO_EPOCH, type_=BigInteger)
_subject_epoch = func.coalesce(subjects.c.epoch, MISSING_EPOCH)


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


def authorization_joined(
    found: FromClause, authorization: Table, session: ColumnElement[str], *, isouter: bool = False
) -> FromClause:
    """Join to a grant or a code what decides about it; each table by the tenant as well."""
    owner, subject = (authorization.c[name] for name in ("client_id", "subject"))
    of_client = and_(clients.c.tenant_id == TENANT_ID, clients.c.client_id == owner)
    of_subject = and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == subject)
    of_session = and_(sessions.c.tenant_id == TENANT_ID, sessions.c.sid == session)
    return (
        found.join(clients, of_client, isouter=isouter)
        .outerjoin(subjects, of_subject)
        .outerjoin(sessions, of_session)
    )


session_ended: ColumnElement[bool] = or_(
    sessions.c.ended_at.is_not(None),
    sessions.c.tenant_epoch != tenants.c.epoch,
    sessions.c.subject_epoch != _subject_epoch,
    tenants.c.disabled_at.is_not(None),
)
session_expired: ColumnElement[bool] = sessions.c.expires_at <= NOW

# Here and below: what is not known counts as ended. A row is missing that should be there.
grant_ended: ColumnElement[bool] = func.coalesce(
    or_(
        grants.c.revoked_at.is_not(None),
        # The end of a session can take along what would outlive it; one that is not there may have done so.
        and_(
            grants.c.offline_session_sid.is_not(None),
            or_(sessions.c.sid.is_(None), sessions.c.offline_ended_at.is_not(None)),
        ),
        _authorization_ended(grants),
    ),
    true(),
)
grant_expired: ColumnElement[bool] = func.coalesce(_authorization_expired(grants), true())
# A session may be renewed, so this is as far as is known now.
grant_ends_at: ColumnElement[int] = case(
    (and_(_names_session(grants), sessions.c.expires_at < grants.c.expires_at), sessions.c.expires_at),
    else_=grants.c.expires_at,
)
# Suspended or not: what a revocation would end, and what people have given.
grant_holds: ColumnElement[bool] = not_(or_(grant_ended, grant_expired))
# Of a grant, a token or a code alike. Without the row of its client all of them have ended.
suspended: ColumnElement[bool] = clients.c.disabled_at.is_not(None)

code_ended: ColumnElement[bool] = func.coalesce(_authorization_ended(authorization_codes), true())
code_expired: ColumnElement[bool] = func.coalesce(_authorization_expired(authorization_codes), true())
device_ended: ColumnElement[bool] = func.coalesce(_authorization_ended(device_codes), true())
device_expired: ColumnElement[bool] = func.coalesce(_authorization_expired(device_codes), true())

# A refresh token without a row is the grant's: the current one, the one before it, or one of before that,
# which is known by its number. A token is found where one of these holds; none of them tells of its state.
has_row: ColumnElement[bool] = tokens.c.digest.is_not(None)
is_current: ColumnElement[bool] = and_(tokens.c.digest.is_(None), grants.c.refresh_digest == DIGEST)
is_previous: ColumnElement[bool] = and_(tokens.c.digest.is_(None), grants.c.previous_digest == DIGEST)
is_older: ColumnElement[bool] = and_(
    tokens.c.digest.is_(None), grants.c.generation > _SHOWN_GENERATION, grants.c.refresh_digest != DIGEST
)
token_found: ColumnElement[bool] = or_(has_row, is_current, is_previous, is_older)

token_ended: ColumnElement[bool] = func.coalesce(
    or_(
        tokens.c.revoked_at.is_not(None),
        tokens.c.rotated_at.is_not(None),
        and_(tokens.c.digest.is_(None), grants.c.refresh_digest.is_distinct_from(DIGEST)),
        grant_ended,
    ),
    true(),
)
token_expired: ColumnElement[bool] = func.coalesce(
    or_(func.coalesce(tokens.c.expires_at, grants.c.expires_at) <= NOW, grant_expired), true()
)

SESSION_JOINED = sessions.join(tenants, tenants.c.id == TENANT_ID).outerjoin(
    subjects, and_(subjects.c.tenant_id == TENANT_ID, subjects.c.subject == sessions.c.subject)
)
# A grant names one session at most: that with which it dies, or that which it outlives.
_SESSION_OF_GRANT = func.coalesce(grants.c.session_sid, grants.c.offline_session_sid)
GRANT_JOINED = authorization_joined(
    grants.join(tenants, tenants.c.id == TENANT_ID), grants, _SESSION_OF_GRANT
)
CODE_JOINED = authorization_joined(
    authorization_codes.join(tenants, tenants.c.id == TENANT_ID),
    authorization_codes,
    authorization_codes.c.session_sid,
)


DEVICE_JOINED = authorization_joined(
    device_codes.join(tenants, tenants.c.id == TENANT_ID), device_codes, device_codes.c.session_sid
)


def device_joined(found: FromClause) -> FromClause:
    """Join to a tenant the device code that was shown, if it is there, and what decides about it."""
    of_digest = and_(device_codes.c.tenant_id == TENANT_ID, device_codes.c.digest == DIGEST)
    with_device = found.outerjoin(device_codes, of_digest)
    return authorization_joined(with_device, device_codes, device_codes.c.session_sid, isouter=True)


def code_joined(found: FromClause) -> FromClause:
    """Join to a tenant the code that was shown, if it is there, and what decides about it."""
    codes = authorization_codes
    of_digest = and_(codes.c.tenant_id == TENANT_ID, codes.c.digest == DIGEST)
    with_code = found.outerjoin(codes, of_digest)
    return authorization_joined(with_code, codes, codes.c.session_sid, isouter=True)


def token_joined(found: FromClause) -> FromClause:
    """Join to a tenant the token that was shown, if it is there, and what decides about it.

    Each table is found by its whole primary key, one behind the other, whatever the planner knows of them.
    """
    of_digest = and_(tokens.c.tenant_id == TENANT_ID, tokens.c.digest == DIGEST)
    named = func.coalesce(tokens.c.grant_id, _NAMED_GRANT)
    of_grant = and_(grants.c.tenant_id == TENANT_ID, grants.c.id == named)
    with_grant = found.outerjoin(tokens, of_digest).outerjoin(grants, of_grant)
    return authorization_joined(with_grant, grants, _SESSION_OF_GRANT, isouter=True)
