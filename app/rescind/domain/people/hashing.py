"""Work that takes a processor for long: little at once, and after everything else.

A thread that serves requests must not wait for it in numbers, as the threads are needed for revocations too.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from rescind.errors import TooBusy
from rescind.store.forks import call_in_child

_NICENESS = 10
P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """A few threads of this process at once, a quarter of those that serve at most; nobody waits for one."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._renew()
        call_in_child(self._renew)

    def _renew(self) -> None:
        self._lock, self._taken = threading.Lock(), 0
        # Its threads begin with the first work.
        self._workers = ThreadPoolExecutor(self._at_once, "hashing", initializer=_yield_to_others)

    def demand(self, threads: int) -> None:
        """Look whether a turn could be had just now, before anything is done for it.

        Args:
            threads: how many threads of this process serve requests.

        Raises:
            TooBusy: none could.
        """
        if self._taken >= self._most(threads):
            raise TooBusy

    @contextlib.contextmanager
    def taken(self, threads: int) -> Iterator[None]:
        """Hold a turn for the block.

        Args:
            threads: how many threads of this process serve requests.

        Raises:
            TooBusy: all turns are taken.
        """
        with self._lock:
            self.demand(threads)
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function, whose caller holds a turn, at a low priority."""
        return self._workers.submit(function, *args, **kwargs).result()

    def _most(self, threads: int) -> int:
        return min(self._at_once, max(1, threads // 4))


def _yield_to_others() -> None:
    """Lower the priority of this thread and of those that it starts. Only Linux has one for each thread."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
