"""How PostgreSQL does what a purge asks of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rescind.store import purging, sweeping, transactions
from rescind.store.engine import Store
from rescind.store.statements import POSTGRESQL, Statement
from rescind.store.tables import clients
from tests import stores


@dataclass(frozen=True)
class Plan:
    """A plan: its nodes in words, and by what rows are found."""

    text: str
    indexes: frozenset[str]
    has_scans_of_all: bool
    table: str

    @property
    def has_index_of_batch(self) -> bool:
        """Tell whether it goes by the index on the time from which rows can go."""
        column = "sweep_at" if self.table == clients.name else "purge_at"
        return f"ix_{self.table}_tenant_id_{column}" in self.indexes

    @property
    def is_by_index_alone(self) -> bool:
        """Tell whether that is all it goes by."""
        return self.has_index_of_batch and len(self.indexes) == 1 and not self.has_scans_of_all


def of_deletion(store: Store, step: str) -> Plan:
    """Plan a batch of a step for the newest tenant; nothing is deleted."""
    with store.reading() as tx:
        asked: Any = tx
        (tenant_id,) = asked.send("SELECT max(id) FROM rescind.tenants").fetchone()
    values = {"tenant_id": tenant_id, "since": 0, "most": 1000}
    # What goes of clients is looked for by a statement of its own.
    batch: Statement[Any] = sweeping._LOOK if step == clients.name else purging._DELETE[step]
    return explained(store, batch, step, values)


def explained(store: Store, statement: Statement[Any], table: str, values: dict[str, Any]) -> Plan:
    """Ask for the plan of a statement with these values."""
    compiled = statement.on(POSTGRESQL)
    text, arguments = compiled.text, compiled.arguments(values | {"now": None})
    with stores.transaction(store) as tx:
        tx.rows(purging.BY_ITS_INDEX)
        lines = [row[0] for row in tx.send(f"EXPLAIN {text}", arguments).fetchall()]
        (document,) = tx.send(f"EXPLAIN (FORMAT JSON) {text}", arguments).fetchone()
    (root,) = document if isinstance(document, list) else json.loads(document)
    nodes = list(_nodes(root["Plan"]))
    return Plan(
        "\n".join(lines),
        frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
        any(node["Node Type"] == "Seq Scan" for node in nodes),
        table,
    )


@contextmanager
def counted() -> Iterator[list[str]]:
    """Take down the statements that this process sends."""
    sent: list[str] = []

    def note(dialect: str, statement: str) -> None:
        sent.append(statement)

    transactions.watchers.append(note)
    try:
        yield sent
    finally:
        transactions.watchers.remove(note)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
