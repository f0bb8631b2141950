"""Names looked up, to connect to nothing but the addresses that were looked at.

The look-up of a name can hang for longer than anybody wants to wait, and nothing ends it.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

# What `socket.getaddrinfo` gives.
Found = list[Any]


class LookUps:
    """The look-ups for one purpose, of which only so many may hang at once.

    Args:
        most: how many.
        admit: is called with what was found, for host and port, and gives that of it to which a connection
            may be made; OSError where that is nothing.
        resolve: looks up, as `socket.getaddrinfo` does.
    """

    def __init__(
        self,
        most: int,
        admit: Callable[[str, int, Found], Found],
        resolve: Callable[..., Found] | None = None,
    ) -> None:
        self._slots = threading.BoundedSemaphore(most)
        self._admit = admit
        self._resolve = resolve

    def make_loop(self) -> "Loop":
        """Make an event loop that connects by these look-ups."""
        return Loop(self)

    def begin(self, tell: Callable[[Found | Exception], None], host: str, port: int, options: Any) -> None:
        """Look a name up in a thread of its own, and tell what came of it.

        Raises:
            OSError: too many hang.
        """
        if not self._slots.acquire(blocking=False):
            raise OSError("Too many names are being looked up.")

        def look_up() -> None:
            try:
                resolve = self._resolve or socket.getaddrinfo
                what: Found | Exception = self._admit(host, port, resolve(host, port, **options))
            except Exception as error:
                what = error
            finally:
                self._slots.release()
            # The loop is closed, where the deadline is over.
            with suppress(RuntimeError):
                tell(what)

        threading.Thread(target=look_up, name="rescind-look-up", daemon=True).start()


class Loop(asyncio.SelectorEventLoop):
    """A loop in which nobody has to wait for a look-up that hangs, not even at its end."""

    def __init__(self, look_ups: LookUps) -> None:
        super().__init__()
        self._look_ups = look_ups

    async def getaddrinfo(self, host: Any, port: Any, **options: int) -> Any:
        """Look a name up. What is connected to is what this gives, and no name is looked up twice.

        Raises:
            OSError: there is no such name, none of its addresses is admitted, or too many look-ups hang.
        """
        found = self.create_future()

        def settle(what: Found | Exception) -> None:
            if found.done():
                return
            if isinstance(what, Exception):
                found.set_exception(what)
            else:
                found.set_result(what)

        def tell(what: Found | Exception) -> None:
            self.call_soon_threadsafe(settle, what)

        name = host.decode("ascii") if isinstance(host, bytes) else host
        self._look_ups.begin(tell, name, port, options)
        return await found
