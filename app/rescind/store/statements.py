"""Statements: declared once as SQLAlchemy expressions, compiled once for each database, sent as text.

To execute an expression through SQLAlchemy costs more than all that the database does for most statements
of a request. So an expression is compiled when it is first needed, with what converts its parameters and its
columns, and from then on the driver gets the text and a list of values.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect

from rescind.store.base import SCHEMA
from rescind.store.shapes import Row, Shape

R = TypeVar("R")

# An expression, or one for each dialect that spells it in a way of its own.
Expression = Executable | Mapping[str, Executable]

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@functools.cache
def _dialect(name: str) -> Dialect:
    if name == SQLITE:
        made = SQLiteDialect_pysqlite(paramstyle="qmark")
        # What stands there for our schema: the file itself.
        made.default_schema_name = "main"
        return made
    # As the server itself counts parameters, so that the driver has nothing to rewrite.
    return PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Compiled(Generic[R]):
    """A statement of one dialect: its text, its parameters in order, and what makes a row a record."""

    def __init__(self, expression: Any, shape: Shape[R] | None, dialect: Dialect) -> None:
        options: dict[str, Any] = {}
        if dialect.name == SQLITE:
            # There the tables have a file of their own, and no schema.
            options = {"schema_translate_map": {SCHEMA: None}, "render_schema_translate": True}
        made: Any = expression.compile(dialect=dialect, **options)
        self.text = str(made)
        # Where the driver's parameters have names, they have no order.
        self.is_positional = made.positiontup is not None
        names = made.positiontup if self.is_positional else list(made.params)
        bound = [(name, made.binds[name]) for name in names]
        # One that is not required was written into the expression as a value.
        self._given = {name: each.value for name, each in bound if not each.required}
        self._binders = [(name, _binder(each.type, dialect)) for name, each in bound]
        columns = list(getattr(expression, "exported_columns", ()))
        self.returns_rows = bool(columns)
        self._converters = [
            (at, convert)
            for at, column in enumerate(columns)
            if (convert := _converter(column.type, dialect)) is not None
        ]
        self._read = shape.reader([column.key for column in columns]) if shape is not None else None

    def named_arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values as the driver takes them, by name."""
        return dict(zip([name for name, _ in self._binders], self.arguments(values), strict=True))

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the values as the driver takes them, in order.

        Raises:
            KeyError: one is missing.
        """
        given: Mapping[str, Any] = {**self._given, **values} if self._given else values
        return [
            given[name] if bind is None or given[name] is None else bind(given[name])
            for name, bind in self._binders
        ]

    def records(self, rows: Sequence[Row]) -> list[Any]:
        """Make records of the driver's rows; tuples where the statement has no shape."""
        if self._converters:
            rows = [self._converted(row) for row in rows]
        return [self._read(row) for row in rows] if self._read is not None else list(rows)

    def _converted(self, row: Row) -> Row:
        values = list(row)
        for at, convert in self._converters:
            values[at] = convert(values[at])
        return tuple(values)


class Statement(Generic[R]):
    """A statement and the records that it gives.

    Args:
        expression: an SQLAlchemy expression whose parameters are `bindparam`s, or one for each dialect.
        shape: of its rows; without one they are tuples.
        is_prepared: whether PostgreSQL may keep its plan. One whose conditions fall away by parameters that
            are NULL has a good plan only for the values that it is sent with.
    """

    def __init__(
        self, expression: Expression, shape: Shape[R] | None = None, *, is_prepared: bool = True
    ) -> None:
        self._expression = expression
        self._shape = shape
        self.is_prepared = is_prepared
        self._compiled: dict[str, Compiled[R]] = {}

    def on(self, dialect: str) -> Compiled[R]:
        """Give the statement as our own driver sends it to a database of this kind."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = self.compiled(_dialect(dialect))
        return found

    def compiled(self, dialect: Dialect) -> Compiled[R]:
        """Compile the statement for any driver of PostgreSQL or SQLite."""
        return Compiled(self.expression(dialect.name), self._shape, dialect)

    def expression(self, dialect: str) -> Any:
        """Give the SQLAlchemy expression for a database of this kind."""
        return self._expression[dialect] if isinstance(self._expression, Mapping) else self._expression


def plain(expression: Expression, *, is_prepared: bool = True) -> Statement[Row]:
    """Make a statement whose rows are tuples."""
    return Statement(expression, is_prepared=is_prepared)


def _binder(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return processor


def _converter(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = type_.dialect_impl(dialect).result_processor(dialect, None)
    return processor
