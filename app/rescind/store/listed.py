"""Rows by which a client is found by something that it lists. They are the way: its own row counts."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, Text, bindparam, delete

from rescind.store.activity import TENANT_ID
from rescind.store.engine import Transaction
from rescind.store.statements import Statement, plain
from rescind.store.writes import inserting, spelled


class Listed:
    """The rows of one such list, of all clients.

    Args:
        table: by tenant, what is listed, and the client.
        column: what is listed.
    """

    def __init__(self, table: Table, column: str) -> None:
        self._column = column
        self._forget = plain(
            delete(table).where(
                table.c.tenant_id == TENANT_ID,
                table.c[column] == bindparam(column, type_=Text),
                table.c.client_id == bindparam("client_id", type_=Text),
            )
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
        """Note what a client lists, and none of that any more which it has listed before.

        Each is found by its whole key: a tenant may have very many clients, and each of them something.
        """
        for value in listed:
            tx.rows(self._forget, tenant_id=tenant_id, client_id=client_id, **{self._column: value})
        self.add(tx, tenant_id, client_id, values)
