"""Writes that one conditional statement decides, with all that follows from it.

A revocation ends a grant and writes its event; of two at once just one may write it. On PostgreSQL both are
one statement, the first a CTE on which the others look: one round trip, and a transaction of its own, but for
what has to wait first. SQLite has no such CTEs; there the same statements run one behind the other, and none
behind a first that gave no row. Both are declared once.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Table, bindparam, exists, select, true
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import postgresql, sqlite

from rescind.store.shapes import Shape
from rescind.store.statements import POSTGRESQL, SQLITE, Expression, Statement, plain

R = TypeVar("R")

Condition = ColumnElement[bool]
# What follows: an insert or update under the condition that the first statement gave a row, made with the
# dialect's own `insert`, which alone has ON CONFLICT.
Consequence = Callable[[Condition, Any], Any]

_INSERTS: dict[str, Any] = {POSTGRESQL: postgresql.insert, SQLITE: sqlite.insert}


class Write(Generic[R]):
    """A statement that decides by the rows it gives, and what follows where it gave one.

    Args:
        first: an insert, update or delete with RETURNING, or one for each dialect.
        then: what follows; each gets its condition. None of them sees what another has written.
        shape: of the rows of the first.
        always: what is done whether or not the first gave a row, which does not see it.
        lock: waits for what is under way on PostgreSQL, as a statement before the others in one transaction
            with them. A statement sees no rows but those of when it began, however long it has waited.
    """

    def __init__(
        self,
        first: Expression,
        *then: Consequence,
        shape: Shape[R] | None = None,
        always: Expression | None = None,
        lock: Statement[Any] | None = None,
    ) -> None:
        self.lock = lock
        self._first: Statement[R] = Statement(first, shape)
        self._then = then
        self.always = plain(always) if always is not None else None
        is_one = self.always is None and not then
        self._whole: Statement[R] = (
            self._first if is_one else Statement({POSTGRESQL: self._together()}, shape)
        )
        last = [plain({SQLITE: each(true(), sqlite.insert)}) for each in then]
        self.steps: Sequence[Statement[Any]] = [self._first, *last]

    def whole(self) -> Statement[R]:
        """Give all of it as one statement, for PostgreSQL."""
        return self._whole

    def _together(self) -> Any:
        decided = self._first.expression(POSTGRESQL).cte("decided")
        has_decided = exists(select(1).select_from(decided))
        made = [each(has_decided, postgresql.insert) for each in self._then]
        consequences = [each.cte(f"then_{number}") for number, each in enumerate(made)]
        if self.always is not None:
            consequences.append(self.always.expression(POSTGRESQL).cte("always"))
        return select(*decided.c).add_cte(*consequences)


def inserting(
    table: Table,
    condition: Condition | None = None,
    *,
    columns: Sequence[str],
    prefix: str = "",
    insert: Callable[[Table], Any] = plain_insert,
    **given: Any,
) -> Any:
    """Insert one row of parameters, if a condition holds.

    Args:
        columns: those whose values are parameters of their names.
        prefix: stands before these names, so that a write can insert into several tables.
        given: the values of others, as expressions; the parameter `tenant_id` has no prefix.
    """
    parameters: dict[str, Any] = {
        name: bindparam(prefix + name, type_=table.c[name].type) for name in columns if name not in given
    }
    parameters |= given
    if "tenant_id" in table.c and "tenant_id" not in parameters:
        parameters["tenant_id"] = bindparam("tenant_id", type_=table.c.tenant_id.type)
    # SQLite would take ON CONFLICT for a part of a SELECT that has no WHERE.
    row = select(*parameters.values()).where(true() if condition is None else condition)
    return insert(table).from_select(list(parameters), row, include_defaults=False)


def spelled(make: Callable[[Any], Any]) -> dict[str, Any]:
    """Make an expression with each dialect's own `insert`, which alone has ON CONFLICT."""
    return {dialect: make(insert) for dialect, insert in _INSERTS.items()}
