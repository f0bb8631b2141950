"""Who may have a document fetched in this process just now: few at once, and strangers apart from the rest.

A host can be as slow as a fetch may take, and anybody can name hosts without end. So a document of which
nothing is known is fetched in turns that are not those of clients who are here already, one of a host and one
for whoever asks from a network at once, and so many for a network in a minute. That is counted in this
process: its own threads are what is kept, and with a row for each of them strangers would fill the store.
"""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from urllib.parse import urlsplit

from rescind.domain.networks import network_of
from rescind.domain.people.hashing import Turns
from rescind.errors import DocumentUnavailable, TooBusy
from rescind.store.forks import call_in_child

AT_ONCE = 4
MOST_OF_NETWORK = 30
WINDOW_SECONDS = 60
# The network that has asked least lately is forgotten.
MOST_KEPT = 10_000
RETRY_AFTER_SECONDS = 1


class DocumentTurns:
    """The fetches of one process. Times are the store's, in whole seconds since 1970."""

    def __init__(self) -> None:
        self._strangers, self._clients = Turns(AT_ONCE), Turns(AT_ONCE)
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._renew()
        call_in_child(self._renew)

    def _renew(self) -> None:
        self._lock, self._held = threading.Lock(), set[tuple[str, str | None]]()

    @contextlib.contextmanager
    def of_stranger(self, url: str, address: str, *, threads: int, now: int) -> Iterator[None]:
        """Hold a turn for a document of which nothing is known.

        Args:
            address: that the request came from; empty where it is not known.
            threads: how many threads of this process serve requests.

        Raises:
            DocumentUnavailable: none is free, or too much was asked for from there.
        """
        network = network_of(address)
        held = [("host", urlsplit(url).hostname), *([("network", network)] if network else [])]
        with self._holding(held), _turn(self._strangers, threads):
            if network:
                self._count(network, now)
            yield

    @contextlib.contextmanager
    def of_client(self, url: str, *, threads: int) -> Iterator[None]:
        """Hold a turn for the document of a client that somebody has let in.

        Raises:
            DocumentUnavailable: none is free.
        """
        with self._holding([("host of client", urlsplit(url).hostname)]), _turn(self._clients, threads):
            yield

    @contextlib.contextmanager
    def _holding(self, wanted: list[tuple[str, str | None]]) -> Iterator[None]:
        with self._lock:
            if not self._held.isdisjoint(wanted):
                raise DocumentUnavailable(RETRY_AFTER_SECONDS)
            self._held.update(wanted)
        try:
            yield
        finally:
            with self._lock:
                self._held.difference_update(wanted)

    def _count(self, network: str, now: int) -> None:
        with self._lock:
            count, until = self._counts.get(network, (0, 0))
            # A clock that was set back holds nothing back for longer.
            if not now < until <= now + WINDOW_SECONDS:
                count, until = 0, now + WINDOW_SECONDS
            if count >= MOST_OF_NETWORK:
                raise DocumentUnavailable(until - now)
            self._counts[network] = count + 1, until
            self._counts.move_to_end(network)
            if len(self._counts) > MOST_KEPT:
                self._counts.popitem(last=False)


@contextlib.contextmanager
def _turn(turns: Turns, threads: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(turns.taken(threads))
        except TooBusy:
            raise DocumentUnavailable(RETRY_AFTER_SECONDS) from None
        yield
