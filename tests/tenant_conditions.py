"""Watch the SQL that really runs: each table of a tenant's must have a tenant_id condition of its own.

A statement that forgets it still gives the right answer in most tests, as digests and ids are unique in
practice. So it is looked for in the text of every statement that any test sends.
"""

import re
from functools import cache
from typing import Any

import sqlglot
from sqlalchemy import Engine, event
from sqlglot import exp

from rescind.store import deliveries, purging, transactions
from rescind.store.tables import SCHEMA, Base

TENANT_TABLES = {table.name for table in Base.metadata.tables.values() if "tenant_id" in table.c}
_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}

offences: list[str] = []


@event.listens_for(Engine, "before_cursor_execute")
def _watch_hosts(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    # In a transaction of a host's. On SQLite a host may have tables of the same names as ours.
    if connection.dialect.name == "postgresql":
        _watch("postgresql", statement)


def across_tenants(dialect: str) -> set[str]:
    """Give the statements that look for tenants with something to do; no request sends one."""
    return {each.on(dialect).text for each in (deliveries.WAITING,)}


def _watch(dialect: str, statement: str) -> None:
    offences.extend(_offences(dialect, statement))


@cache
def _offences(dialect: str, statement: str) -> tuple[str, ...]:
    if statement in across_tenants(dialect) or statement == purging.FIND_DUE.on(dialect).text:
        return ()
    if statement.lstrip().split(None, 1)[0].upper() in {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}:
        return unconditioned(statement, dialect)
    return ()


transactions.watchers.append(_watch)


@cache
def unconditioned(statement: str, dialect: str) -> tuple[str, ...]:
    """List the tables of a tenant's that a statement reads or writes without saying whose rows."""
    read_as = _readable(statement) if dialect == "postgresql" else statement
    tree = sqlglot.parse_one(read_as, dialect=_DIALECTS[dialect])
    return tuple(
        f"{table.name} without a tenant_id condition: {statement}"
        for table in tree.find_all(exp.Table)
        if _is_ours(table, dialect) and not _inserts_tenant(table) and not _is_conditioned(table)
    )


def _readable(statement: str) -> str:
    """Write the driver's parameters so that a parser reads them."""
    return re.sub(r"\$([0-9]+)", r":p\1", statement).replace("%(", ":").replace(")s", "")


def _is_ours(table: exp.Table, dialect: str) -> bool:
    return table.name in TENANT_TABLES and (dialect == "sqlite" or table.db == SCHEMA)


def _is_conditioned(table: exp.Table) -> bool:
    """Tell whether the query that names a table says whose rows, for this table and for every row."""
    query = table.find_ancestor(exp.Select, exp.Update, exp.Delete)
    if query is None:
        return False
    where = [query.args["where"].this] if query.args.get("where") else []
    joins = [join.args["on"] for join in query.args.get("joins") or [] if join.args.get("on")]
    from_joins = [join.args["on"] for join in _joins_of_from(query) if join.args.get("on")]
    # What stands under OR or NOT holds for some rows only.
    parts = [part for condition in (*where, *joins, *from_joins) for part in _anded(condition)]
    # In a query of one table a column needs no name of it before its own.
    names = {table.alias_or_name} if joins or from_joins else {table.alias_or_name, ""}
    return any(_says_whose(part, names) for part in parts)


def _joins_of_from(query: exp.Expr) -> list[exp.Expr]:
    source = query.args.get("from_") or query.args.get("from")
    return list(source.this.args.get("joins") or []) if source is not None else []


def _anded(condition: exp.Expr) -> list[exp.Expr]:
    if isinstance(condition, exp.Paren):
        return _anded(condition.this)
    if isinstance(condition, exp.And):
        return _anded(condition.this) + _anded(condition.expression)
    return [condition]


def _says_whose(part: exp.Expr, names: set[str]) -> bool:
    if not isinstance(part, exp.EQ):
        return False
    return any(
        isinstance(column, exp.Column)
        and column.table in names
        and column.name == "tenant_id"
        and _is_given(other)
        for column, other in ((part.this, part.expression), (part.expression, part.this))
    )


def _is_given(other: exp.Expr) -> bool:
    if isinstance(other, exp.Cast):
        return _is_given(other.this)
    return isinstance(other, exp.Placeholder | exp.Parameter)


def _inserts_tenant(table: exp.Table) -> bool:
    schema = table.parent
    if not isinstance(schema, exp.Schema) or not isinstance(schema.parent, exp.Insert):
        return False
    return any(column.name == "tenant_id" for column in schema.expressions)
