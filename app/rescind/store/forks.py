"""What must start afresh in a forked child: connections, threads and locks belong to the parent."""

import os
import weakref
from collections.abc import Callable


def call_in_child(method: Callable[[], None]) -> None:
    """Call a bound method in every child that this process forks, for as long as its object lives."""
    # The registration itself can't be taken back, so it must not keep the object alive.
    reference = weakref.WeakMethod(method)

    def call() -> None:
        live = reference()
        if live is not None:
            live()

    os.register_at_fork(after_in_child=call)
