"""Work that takes a processor for long: little at once, and after everything else.

A thread that serves requests must not wait for it in numbers, as the threads are needed for revocations too.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from rescind.errors import SignInThrottled
from rescind.store.forks import call_in_child

_NICENESS = 10
P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """At most some threads of this process at once; a few more wait briefly, and the rest do not wait."""

    def __init__(self, at_once: int, waiting: int, wait_seconds: float) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._wait_seconds = wait_seconds
        self._renew()
        call_in_child(self._renew)

    def _renew(self) -> None:
        self._places = threading.BoundedSemaphore(self._at_once + self._waiting)
        self._free = threading.BoundedSemaphore(self._at_once)
        # Its threads begin with the first work.
        self._workers = ThreadPoolExecutor(self._at_once, "hashing", initializer=_yield_to_others)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a turn for the block.

        Raises:
            SignInThrottled: too many are waiting already, or none came free in time.
        """
        places, free = self._places, self._free
        if not places.acquire(blocking=False):
            raise SignInThrottled(1)
        try:
            if not free.acquire(timeout=self._wait_seconds):
                raise SignInThrottled(1)
            try:
                yield
            finally:
                free.release()
        finally:
            places.release()

    def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function, whose caller holds a turn, at a low priority."""
        return self._workers.submit(function, *args, **kwargs).result()


def _yield_to_others() -> None:
    """Lower the priority of this thread and of those that it starts. Only Linux has one for each thread."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
