"""Names in the one form of Unicode in which they are compared, and in those that older rows have.

One name can be written in several ways that look alike: an e with an accent is one character, or two. What is
written from now on is composed (NFC). What was written before stays as it is, as clients know it as `sub`; it
is found by each way of writing that keyboards, files and other programs have.
"""

import unicodedata

from sqlalchemy import BindParameter, ColumnElement, Text, bindparam

_WAYS = ("name_composed", "name_as_given", "name_decomposed")
SPELLINGS: list[BindParameter[str]] = [bindparam(way, type_=Text) for way in _WAYS]


def composed(name: str) -> str:
    """Give a name in the form in which names are compared."""
    return unicodedata.normalize("NFC", name)


def _decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def each_spelling(name: str) -> tuple[str, ...]:
    """Give the ways in which rows may have a name, each once, the one of today first."""
    return tuple(dict.fromkeys((composed(name), name, _decomposed(name))))


def spelled(name: str) -> dict[str, str]:
    """Give the parameters of `is_spelled`."""
    return dict(zip(_WAYS, (composed(name), name, _decomposed(name)), strict=True))


def is_spelled(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Compare a column with all of them."""
    return column.in_(SPELLINGS)
