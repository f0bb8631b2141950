"""Statements on `client_resources`: whether a resource server answers for a resource, found by the resource.

Resources are in canonical form here, and so compared to the letter.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, and_, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from rescind.store.activity import TENANT_ID
from rescind.store.columns import Words
from rescind.store.engine import Transaction
from rescind.store.listed import Listed
from rescind.store.statements import plain
from rescind.store.tables import client_resources, clients

# So many a request may ask for: a statement has a fixed number of parameters.
MOST_ASKED = 10

_listed = Listed(client_resources, "resource")
add, replace, forget = _listed.add, _listed.replace, _listed.forget

_ASKED = [bindparam(f"resource_{number}", type_=Text) for number in range(MOST_ASKED)]


class _AsWords(FunctionElement[tuple[str, ...]]):
    """Several rows as one list; NULL where there is none."""

    type = Words()
    inherit_cache = True


@compiles(_AsWords, "postgresql")
def _on_postgresql(element: _AsWords, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ' ')"


@compiles(_AsWords, "sqlite")
def _on_sqlite(element: _AsWords, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, ' ')"


# Of those that are asked for the ones that are known, in any order; one of two resource servers twice.
KNOWN = (
    select(_AsWords(client_resources.c.resource))
    .select_from(client_resources)
    .join(
        clients,
        and_(
            clients.c.tenant_id == TENANT_ID,
            clients.c.client_id == client_resources.c.client_id,
            clients.c.is_resource_server,
            clients.c.deleted_at.is_(None),
            clients.c.disabled_at.is_(None),
        ),
    )
    .where(client_resources.c.tenant_id == TENANT_ID, client_resources.c.resource.in_(_ASKED))
    .scalar_subquery()
)
_KNOWN = plain(select(KNOWN))


def known(tx: Transaction, tenant_id: int, resources: Sequence[str]) -> tuple[str, ...]:
    """Give those of `MOST_ASKED` resources at most that a resource server of the tenant answers for."""
    return tx.value(_KNOWN, tenant_id=tenant_id, **asked(resources)) or ()


def asked(resources: Sequence[str]) -> dict[str, str | None]:
    """Give the parameters of `KNOWN`."""
    padded = [*resources, *[None] * MOST_ASKED][:MOST_ASKED]
    return {parameter.key: value for parameter, value in zip(_ASKED, padded, strict=True)}
