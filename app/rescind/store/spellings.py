"""Names in the one form of Unicode in which they are compared, and in those that older rows have.

One name can be written in several ways that look alike: an e with an accent is one character, or two. What is
written from now on is composed (NFC). What was written before stays as it is, as clients know it as `sub`; it
is found by each way of writing that keyboards, files and other programs have.
"""

import unicodedata
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, Text, bindparam, or_

# No name is longer, as it is given. To compose one takes a time that grows with the square of its marks, and
# no other thread goes on meanwhile: so of a longer one there is one spelling.
MAXIMUM_CHARACTERS = 255
_WAYS = ("name_composed", "name_as_given", "name_decomposed")
SPELLINGS: list[BindParameter[str]] = [bindparam(way, type_=Text) for way in _WAYS]


def composed(name: str) -> str:
    """Give a name in the form in which names are compared; one that is too long to be one, as it is."""
    return _formed("NFC", name)


def _decomposed(name: str) -> str:
    return _formed("NFD", name)


def _formed(form: Literal["NFC", "NFD"], name: str) -> str:
    return unicodedata.normalize(form, name) if len(name) <= MAXIMUM_CHARACTERS else name


def each_spelling(name: str) -> tuple[str, ...]:
    """Give the ways in which rows may have a name, each once, the one of today first."""
    return tuple(dict.fromkeys((composed(name), name, _decomposed(name))))


def spelled(name: str) -> dict[str, str]:
    """Give the parameters of `is_spelled`. The name is to be as it was given: composed, it has lost that."""
    return dict(zip(_WAYS, (composed(name), name, _decomposed(name)), strict=True))


def unspelled() -> dict[str, None]:
    """Give the parameters of `is_spelled_if_given` where there is no name."""
    return dict.fromkeys(_WAYS)


def is_spelled(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Compare a column with all of them."""
    return column.in_(SPELLINGS)


def is_spelled_if_given(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Compare a column with all of them; where these are None, every row will do."""
    return or_(SPELLINGS[0].is_(None), is_spelled(column))
