"""Rows by which a client is found by something that it lists. They are the way: its own row counts."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.statements import POSTGRESQL, SQLITE, Statement, plain
from rescind.store.writes import inserting, spelled

# What is listed, and by which client: pairs, as JSON.
_PAIRS = bindparam("pairs", type_=Text)
_ON_POSTGRESQL = func.json_array_elements(cast(_PAIRS, JSON)).column_valued("pair")
_ON_SQLITE = func.json_each(_PAIRS).table_valued("value", name="pair").c.value


def _of_pair(at: int) -> ColumnElement[str]:
    return _ON_POSTGRESQL.op("->>", return_type=Text())(literal_column(str(at)))


class Listed:
    """The rows of one such list, of all clients.

    Args:
        table: by tenant, what is listed, and the client.
        column: what is listed.
    """

    def __init__(self, table: Table, column: str) -> None:
        self._column = column
        of_tenant = delete(table).where(table.c.tenant_id == TENANT_ID)
        extracted = [func.json_extract(_ON_SQLITE, literal_column(f"'$[{at}]'"), type_=Text) for at in (0, 1)]
        self._forget = plain(
            {
                POSTGRESQL: of_tenant.where(table.c[column] == _of_pair(0), table.c.client_id == _of_pair(1)),
                SQLITE: of_tenant.where(tuple_(table.c[column], table.c.client_id).in_(select(*extracted))),
            },
            is_prepared=False,
        )
        self._add: Statement[Any] = plain(
            spelled(
                lambda insert: inserting(
                    table, columns=[column, "client_id"], insert=insert
                ).on_conflict_do_nothing()
            )
        )

    def add(self, tx: Transaction, tenant_id: int, client_id: str, values: Iterable[str]) -> None:
        """Note what a client lists, beside what is noted."""
        for value in values:
            tx.rows(self._add, tenant_id=tenant_id, client_id=client_id, **{self._column: value})

    def replace(
        self, tx: Transaction, tenant_id: int, client_id: str, listed: Iterable[str], values: Iterable[str]
    ) -> None:
        """Note what a client lists, and none of that any more which it has listed before."""
        self.forget(tx, tenant_id, [(value, client_id) for value in listed])
        self.add(tx, tenant_id, client_id, values)

    def forget(self, tx: Transaction, tenant_id: int, pairs: Sequence[tuple[str, str]]) -> None:
        """Note no more that clients list something, by one statement.

        Each is found by its whole key: a tenant may have very many clients, and each of them something.

        Args:
            pairs: what was listed, and by which client.
        """
        if pairs:
            tx.rows(self._forget, tenant_id=tenant_id, pairs=json.dumps(pairs))
