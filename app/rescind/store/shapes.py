"""Rows as records, column by column by its name.

A record is a frozen dataclass. A shape says which column each of its fields comes from; the columns stand in
a statement under names of their own, and whatever their order there is, each value finds its field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, FromClause

R = TypeVar("R")

Row = Sequence[Any]


class Shape(Generic[R]):
    """How a record is read from the columns of a statement.

    Args:
        record: a dataclass.
        source: the table, or an alias of it, whose columns have the names of the fields.
        prefix: stands before the names, so that one statement can bring several records.
        present: the field that is NULL only where an outer join has found no row; the record is then None.
        nested: fields that are records themselves.
        columns: of fields that are no columns of the source.
    """

    def __init__(
        self,
        record: Callable[..., R],
        source: FromClause | None = None,
        *,
        prefix: str = "",
        present: str | None = None,
        nested: "Mapping[str, Shape[Any]] | None" = None,
        **columns: ColumnElement[Any],
    ) -> None:
        self._record = record
        self._prefix = prefix
        self._present = present
        self._nested = nested or {}
        names = [each.name for each in fields(record)]  # type: ignore[arg-type]
        self._fields = names
        own = [name for name in names if name not in self._nested]
        found = {name: columns[name] if name in columns else source.c[name] for name in own}  # type: ignore[union-attr]
        self.columns = [column.label(prefix + name) for name, column in found.items()]
        self.columns += [column for shape in self._nested.values() for column in shape.columns]

    def reader(self, names: Sequence[str]) -> Callable[[Row], R | None]:
        """Give what makes the record from a row.

        Args:
            names: those of the row's columns, in their order.

        Raises:
            ValueError: a column is missing.
        """
        record = self._record
        if self._nested:
            return self._nesting_reader(names)
        at = [names.index(self._prefix + name) for name in self._fields]
        pick: Callable[[Row], Row] = itemgetter(*at) if len(at) > 1 else lambda row: (row[at[0]],)
        if self._present is None:
            return lambda row: record(*pick(row))
        present = names.index(self._prefix + self._present)
        return lambda row: None if row[present] is None else record(*pick(row))

    def _nesting_reader(self, names: Sequence[str]) -> Callable[[Row], R | None]:
        record = self._record
        parts = [
            self._nested[name].reader(names)
            if name in self._nested
            else itemgetter(names.index(self._prefix + name))
            for name in self._fields
        ]
        if self._present is None:
            return lambda row: record(*[part(row) for part in parts])
        present = names.index(self._prefix + self._present)
        return lambda row: None if row[present] is None else record(*[part(row) for part in parts])


_named: dict[tuple[type, str], list[tuple[str, str]]] = {}


def parameters(record: Any, prefix: str = "") -> dict[str, Any]:
    """Give the fields of a record as the parameters of a statement, with a prefix before their names."""
    key = type(record), prefix
    named = _named.get(key)
    if named is None:
        named = _named[key] = [(prefix + each.name, each.name) for each in fields(record)]
    return {name: getattr(record, field) for name, field in named}
