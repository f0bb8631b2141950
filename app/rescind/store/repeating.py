"""Units of work that the database asks for once more."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from rescind.errors import StoreUnavailable
from rescind.store import faults
from rescind.store.connections import Connections

MOST_TRIES = 4
_PAUSE_SECONDS = 0.01

T = TypeVar("T")


def repeated(connections: Connections, unit: Callable[..., T], *arguments: Any) -> T:
    """Run a unit of work, and again where PostgreSQL has undone it for another's sake.

    Args:
        connections: those of the store, which know the faults of its driver.
        unit: touches nothing but the store.

    Raises:
        StoreUnavailable: it failed, in words of ours, which are in the log too.
    """
    for tries in range(1, MOST_TRIES + 1):
        try:
            return unit(*arguments)
        except StoreUnavailable as error:
            connections.mapped(error)
            raise
        except connections.faults as error:
            if tries == MOST_TRIES or not faults.is_to_be_repeated(error):
                raise connections.mapped(error) from error
        time.sleep(_PAUSE_SECONDS * tries)
    raise AssertionError
