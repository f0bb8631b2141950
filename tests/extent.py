"""How much is tried of what has no end: a third where somebody waits for it, else all.

`TEST_EXTENT=full make test` is for before a release, and for who changes what the races are about.
"""

import os

IS_FULL = os.environ.get("TEST_EXTENT") == "full"


def tries(number: int) -> int:
    """Give how many rounds or examples there are here of as many."""
    return number if IS_FULL else (number + 2) // 3
