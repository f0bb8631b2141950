"""The first read of a request: the tenant of its path, the client and the token that it names.

All in one statement, by the tenant's id. The id of a name never changes, so it is remembered; whether the
tenant is there and open, and all else about it, is read every time. Without the id, a PostgreSQL that is
distributed by tenants would have to ask all its machines.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)

from rescind.store import activity, grants, resources
from rescind.store.activity import DIGEST, TENANT_ID, code_joined, device_joined, token_joined
from rescind.store.clock import NOW
from rescind.store.codes import CODE
from rescind.store.devices import DEVICE
from rescind.store.engine import Store, Transaction
from rescind.store.people_records import PersonRecord
from rescind.store.records import Admitted, ClientRecord, PresentedToken, TokenRecord
from rescind.store.registrations import reserved_scope
from rescind.store.shapes import Shape
from rescind.store.statements import POSTGRESQL, SQLITE, Statement, plain
from rescind.store.tables import authorization_codes as code_rows
from rescind.store.tables import clients, personal_tokens, tenants, users
from rescind.store.tables import device_codes as device_rows
from rescind.store.tables import grants as grant_rows
from rescind.store.tables import tokens as token_rows
from rescind.store.tenants import NAME, TENANT
from rescind.store.users import DETAILS, PERSON

MOST_NAMES = 10_000

_callers = clients.alias("callers")
_CALLER = Shape(ClientRecord, _callers, prefix="caller_", present="client_id")
_CALLED = and_(
    _callers.c.tenant_id == TENANT_ID,
    _callers.c.client_id == bindparam("client_id", type_=Text),
    _callers.c.deleted_at.is_(None),
)
_row, _grant = token_rows.c, grant_rows.c
# Looked up for the tokens of that client alone.
_used_at = case(
    (
        reserved_scope.is_not(None),
        select(personal_tokens.c.used_at)
        .where(personal_tokens.c.tenant_id == TENANT_ID, personal_tokens.c.grant_id == _grant.id)
        .scalar_subquery(),
    )
)
_TOKEN = Shape(
    TokenRecord,
    prefix="token_",
    present="digest",
    nested={"grant": grants.GRANT},
    digest=case((activity.token_found, DIGEST)),
    kind=func.coalesce(_row.kind, literal_column("'refresh'", Text)),
    given_scope=func.coalesce(_row.scope, _grant.scope),
    left_scope=reserved_scope,
    used_at=_used_at,
    audience=func.coalesce(_row.audience, _grant.audience),
    issued_at=func.coalesce(
        _row.issued_at, case((activity.is_current, _grant.rotated_at)), _grant.created_at
    ),
    expires_at=func.coalesce(_row.expires_at, _grant.expires_at),
    rotated_at=case(
        (activity.has_row, _row.rotated_at),
        (activity.is_previous, _grant.rotated_at),
        (activity.is_older, 0),
    ),
    salt=case((activity.has_row, _row.salt), (activity.is_previous, _grant.salt)),
    has_row=activity.has_row,
    ends_alone=clients.c.revocation_scope == "token",
    read_at=NOW,
    is_ended=activity.token_ended,
    is_expired=activity.token_expired,
    is_suspended=activity.suspended,
)
_OPEN = and_(tenants.c.id == TENANT_ID, tenants.c.name == NAME, tenants.c.disabled_at.is_(None))

_NONE = literal_column("NULL", Text)
# What a request may name, or ask for.
_NAMED = ("token", "code", "device", "resources", "person")
_CALLED_AT = tenants.outerjoin(_callers, _CALLED)


def _admitting(
    found: FromClause, subject: ColumnElement[str] | None = None, **named: Any
) -> Statement[Admitted]:
    """Read the tenant and its caller with what is named, and the user of a name where that is asked for."""
    shapes: dict[str, Any] = {"tenant": TENANT, "client": _CALLER, **named}
    if subject is None:
        return Statement(*_selected(found, shapes))
    this = and_(users.c.tenant_id == TENANT_ID, users.c.username == subject)
    # On its own, or PostgreSQL could go through all users of a tenant: while they are few, and then later.
    looked_up = (
        select(*(users.c[name] for name in ("username", *DETAILS))).where(this).limit(1).lateral("person")
    )
    person = Shape(PersonRecord, looked_up, prefix="person_", present="username")
    of_sqlite, shape = _selected(found.outerjoin(users, this), {**shapes, "person": PERSON})
    of_postgresql, _ = _selected(found.outerjoin(looked_up, true()), {**shapes, "person": person})
    return Statement({SQLITE: of_sqlite, POSTGRESQL: of_postgresql}, shape)


def _selected(found: FromClause, shapes: dict[str, Any]) -> tuple[Any, Shape[Admitted]]:
    nested = {name: shape for name, shape in shapes.items() if isinstance(shape, Shape)}
    columns = {name: shapes.get(name, _NONE) for name in _NAMED if name not in nested}
    admitted = Shape(Admitted, nested=nested, **columns)
    return select(*admitted.columns).select_from(found).where(_OPEN), admitted


_ADMIT = _admitting(_CALLED_AT)
_ADMIT_WITH_TOKEN = _admitting(token_joined(_CALLED_AT), token=_TOKEN)
_ADMIT_WITH_CODE = _admitting(code_joined(_CALLED_AT), code=CODE)
_ADMIT_WITH_DEVICE = _admitting(device_joined(_CALLED_AT), device=DEVICE)
_ADMIT_WITH_DEVICE_AND_PERSON = _admitting(device_joined(_CALLED_AT), device_rows.c.subject, device=DEVICE)
_ADMIT_WITH_RESOURCES = _admitting(_CALLED_AT, resources=resources.KNOWN)
_ADMIT_WITH_TOKEN_AND_PERSON = _admitting(token_joined(_CALLED_AT), _grant.subject, token=_TOKEN)
_ADMIT_WITH_CODE_AND_PERSON = _admitting(code_joined(_CALLED_AT), code_rows.c.subject, code=CODE)
_FIND_TOKEN = Statement(
    select(*_TOKEN.columns).select_from(token_joined(tenants)).where(tenants.c.id == TENANT_ID), _TOKEN
)
_ID = plain(select(tenants.c.id).where(tenants.c.name == NAME))


def admit(
    store: Store,
    tenant_name: str,
    client_id: str | None = None,
    token: PresentedToken | None = None,
    *,
    code: bytes | None = None,
    asked_for: Sequence[str] = (),
    with_person: bool = False,
    device: bytes | None = None,
) -> Admitted | None:
    """Read a tenant that is open, with a client of it and a token or a code, in one statement.

    The epochs in the records are the ones that this request carries on; nothing reads them again.

    Args:
        code: the digest of an authorization code; a request shows that or a token, or
        device: the digest of a device code.
        asked_for: resources in canonical form, which a request asks for that shows neither.
        with_person: bring what is known of the user, too, whom the token or code is about.

    Returns:
        None where there is no such tenant, or it is disabled.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    values: dict[str, object] = {"name": tenant_name, "client_id": client_id}
    statement = _ADMIT
    if token is not None:
        statement = _ADMIT_WITH_TOKEN_AND_PERSON if with_person else _ADMIT_WITH_TOKEN
        values |= _shown(token)
    elif code is not None:
        statement = _ADMIT_WITH_CODE_AND_PERSON if with_person else _ADMIT_WITH_CODE
        values["digest"] = code
    elif device is not None:
        statement = _ADMIT_WITH_DEVICE_AND_PERSON if with_person else _ADMIT_WITH_DEVICE
        values["digest"] = device
    elif asked_for:
        statement, values = _ADMIT_WITH_RESOURCES, values | resources.asked(asked_for)
    known = store.tenant_ids.get(tenant_name)
    admitted = None if known is None else store.read(statement, tenant_id=known, **values)
    if admitted is None:
        # Not known yet; or it is disabled, or there is another of that name by now.
        store.tenant_ids.pop(tenant_name, None)
        found = _look_up(store, tenant_name)
        if found not in (None, known):
            admitted = store.read(statement, tenant_id=found, **values)
    return admitted


def find_token(tx: Transaction, tenant_id: int, token: PresentedToken) -> TokenRecord | None:
    """Find a token of either kind with its grant, active or not."""
    return tx.first(_FIND_TOKEN, tenant_id=tenant_id, **_shown(token))


def _shown(token: PresentedToken) -> dict[str, object]:
    return {
        "digest": token.digest,
        "named_grant": token.grant_id,
        "shown_generation": token.generation,
    }


def _look_up(store: Store, name: str) -> int | None:
    """Ask for the id of a name, and remember it. A name that is none is asked for every time."""
    with store.reading() as tx:
        found: int | None = tx.value(_ID, name=name)
    if found is not None:
        if len(store.tenant_ids) >= MOST_NAMES:
            store.tenant_ids.clear()
        store.tenant_ids[name] = found
    return found
