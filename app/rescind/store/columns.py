"""Column types, and a comparison, that mean the same on SQLite and on PostgreSQL."""

from typing import Annotated, Any

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, Text, TypeDecorator, bindparam, or_, text
from sqlalchemy.ext.compiler import compiles

# SQLite gives out row ids only for a column whose type is exactly INTEGER.
BigIdentifier = BigInteger().with_variant(Integer, "sqlite")


def where(condition: str) -> dict[str, Any]:
    """Leave the rows out of an index of which it would hold NULL alone."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class Identifiers(TypeDecorator[str]):
    """Ids, which PostgreSQL compares byte by byte: see `collating`. To the driver they are plain text.

    The collation stands where a column is declared, never beside a parameter: where an older store has
    another, it would keep the statement from its index.
    """

    impl = Text
    cache_ok = True


@compiles(Identifiers, "postgresql")
def _declare(type_: Identifiers, compiler: Any, **_: Any) -> str:
    return 'TEXT COLLATE "C"'


# What the models call a column of these.
Identifier = Annotated[str, Identifiers]


class Words(TypeDecorator[tuple[str, ...]]):
    """A list of strings without spaces, kept as one text with spaces between, as OAuth writes scopes.

    URIs, origins, grant types and scope values hold no space (RFC 6749 section 3.3, RFC 3986), so
    no quoting is needed and the database's own text functions can search the column.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Any) -> str | None:
        """Join for the database."""
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Any) -> tuple[str, ...] | None:
        """Split what the database gave."""
        return None if value is None else tuple(value.split())


def is_if_given(column: Column[Any]) -> ColumnElement[bool]:
    """Compare a column with the parameter of its name; where that is None, every row will do."""
    # PostgreSQL asks for the type of a parameter that is first seen beside IS NULL.
    wanted = bindparam(column.name, type_=column.type)
    return or_(wanted.is_(None), column == wanted)
