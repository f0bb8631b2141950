"""The first read of a request: the tenant of its path, the client and the token that it names.

All in one statement, by the tenant's id. The id of a name never changes, so it is remembered; whether the
tenant is there and open, and all else about it, is read every time. Without the id, a PostgreSQL that is
distributed by tenants would have to ask all its machines.
"""

from typing import Any

from sqlalchemy import Text, and_, bindparam, case, func, literal_column, select

from rescind.store import activity, grants
from rescind.store.activity import DIGEST, TENANT_ID, code_joined, device_joined, token_joined
from rescind.store.clock import NOW
from rescind.store.codes import CODE
from rescind.store.devices import DEVICE
from rescind.store.engine import Store, Transaction
from rescind.store.records import Admitted, ClientRecord, PresentedToken, TokenRecord
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import clients, tenants
from rescind.store.tables import grants as grant_rows
from rescind.store.tables import tokens as token_rows
from rescind.store.tenants import NAME, TENANT

MOST_NAMES = 10_000

_callers = clients.alias("callers")
_CALLER = Shape(ClientRecord, _callers, prefix="caller_", present="client_id")
_CALLED = and_(
    _callers.c.tenant_id == TENANT_ID,
    _callers.c.client_id == bindparam("client_id", type_=Text),
    _callers.c.deleted_at.is_(None),
)
_row, _grant = token_rows.c, grant_rows.c
_TOKEN = Shape(
    TokenRecord,
    prefix="token_",
    present="digest",
    nested={"grant": grants.GRANT},
    digest=case((activity.token_found, DIGEST)),
    kind=func.coalesce(_row.kind, literal_column("'refresh'", Text)),
    scope=func.coalesce(_row.scope, _grant.scope),
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
_BOTH: dict[str, Shape[Any]] = {"tenant": TENANT, "client": _CALLER}
_ADMITTED = Shape(Admitted, nested=_BOTH, token=_NONE, code=_NONE, device=_NONE)
_ADMITTED_WITH_TOKEN = Shape(Admitted, nested={**_BOTH, "token": _TOKEN}, code=_NONE, device=_NONE)
_ADMITTED_WITH_CODE = Shape(Admitted, nested={**_BOTH, "code": CODE}, token=_NONE, device=_NONE)
_ADMITTED_WITH_DEVICE = Shape(Admitted, nested={**_BOTH, "device": DEVICE}, token=_NONE, code=_NONE)
_ADMIT = Statement(
    select(*_ADMITTED.columns).select_from(tenants.outerjoin(_callers, _CALLED)).where(_OPEN), _ADMITTED
)
_ADMIT_WITH_TOKEN = Statement(
    select(*_ADMITTED_WITH_TOKEN.columns)
    .select_from(token_joined(tenants.outerjoin(_callers, _CALLED)))
    .where(_OPEN),
    _ADMITTED_WITH_TOKEN,
)
_ADMIT_WITH_CODE = Statement(
    select(*_ADMITTED_WITH_CODE.columns)
    .select_from(code_joined(tenants.outerjoin(_callers, _CALLED)))
    .where(_OPEN),
    _ADMITTED_WITH_CODE,
)
_ADMIT_WITH_DEVICE = Statement(
    select(*_ADMITTED_WITH_DEVICE.columns)
    .select_from(device_joined(tenants.outerjoin(_callers, _CALLED)))
    .where(_OPEN),
    _ADMITTED_WITH_DEVICE,
)
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
    device: bytes | None = None,
) -> Admitted | None:
    """Read a tenant that is open, with a client of it and a token or a code, in one statement.

    The epochs in the records are the ones that this request carries on; nothing reads them again.

    Args:
        code: the digest of an authorization code; a request shows that or a token, or
        device: the digest of a device code.

    Returns:
        None where there is no such tenant, or it is disabled.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    values: dict[str, object] = {"name": tenant_name, "client_id": client_id}
    statement = _ADMIT
    if token is not None:
        statement, values = _ADMIT_WITH_TOKEN, values | _shown(token)
    elif code is not None:
        statement, values = _ADMIT_WITH_CODE, values | {"digest": code}
    elif device is not None:
        statement, values = _ADMIT_WITH_DEVICE, values | {"digest": device}
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
