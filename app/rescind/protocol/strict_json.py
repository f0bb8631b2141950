"""A JSON object that somebody has signed, read in the one way in which every reader reads it.

RFC 7519 section 4 and RFC 8259 section 8.1: UTF-8 without a byte order mark, and each name once. Where that
is left open, one reader takes the first `exp` and another the last, and each believes what the other refuses.
"""

import json
from typing import Any, NoReturn


def read_object(encoded: bytes) -> dict[str, Any]:
    """Read an object.

    Raises:
        ValueError: it is not JSON in UTF-8, or has a name twice at any depth, or a number that is none.
        TypeError: it is no object.
        RecursionError: it is nested without end.
    """
    # Of a string: of bytes the library would guess the encoding, and skip a byte order mark.
    read = json.loads(encoded.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_refuse)
    if not isinstance(read, dict):
        raise TypeError("not a JSON object")
    return read


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
