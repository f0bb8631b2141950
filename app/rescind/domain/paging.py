"""Long lists, read page by page: each page goes on from behind the last row of the one before."""

from collections.abc import Callable, Iterator
from typing import TypeVar

PAGE_ROWS = 500

Row = TypeVar("Row")
Key = TypeVar("Key")


def pages(page: Callable[[Key], list[Row]], key: Callable[[Row], Key], start: Key) -> Iterator[Row]:
    """Give the rows of all pages.

    Args:
        page: reads the rows from behind a key on, `PAGE_ROWS` of them.
        key: gives that of a row.
        start: the key from behind which on are all.
    """
    rows = page(start)
    yield from rows
    while len(rows) == PAGE_ROWS:
        rows = page(key(rows[-1]))
        yield from rows
