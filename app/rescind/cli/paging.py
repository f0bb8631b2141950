"""Long lists, read page by page: each page goes on from behind the last row of the one before."""

from collections.abc import Callable, Iterator
from typing import TypeVar

PAGE_ROWS = 500

Row = TypeVar("Row")


def pages(page: Callable[[str], list[Row]], key: Callable[[Row], str]) -> Iterator[Row]:
    """Give the rows of all pages.

    Args:
        page: reads the rows from behind a key on, `PAGE_ROWS` of them; from "" on are all.
        key: gives that of a row.
    """
    after, rows = "", page("")
    while rows:
        yield from rows
        after = key(rows[-1])
        rows = page(after)
