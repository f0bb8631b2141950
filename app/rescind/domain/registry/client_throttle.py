"""How often a client may fail to authenticate. Counted in the memory of this process: no failure is a write.

It is counted by the client and the address together. By the client alone, anybody could keep it out from
anywhere, as its id is no secret; by the address alone, one client with a wrong secret would keep out all
behind the same proxy. Failures are forgiven one a second: a guesser has a few guesses, then one a second.

Nobody is kept from a revocation by this. Where a right secret was shown before, it stays good, whoever else
guesses from the same address; and it is good anywhere for who shows a token or code of that very client. What
can't be guessed, an assertion or the id of a public client, is never held back.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

from rescind.domain.networks import network_of

T = TypeVar("T")

MOST_FAILURES = 20
RETRY_AFTER_SECONDS = 1
# Of clients at addresses. The one that was looked at least lately is forgotten.
MOST_KEPT = 10_000
_TOLD_EVERY_SECONDS = 60


@dataclass(slots=True)
class _Count:
    failures: int
    at: int
    told_at: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A client at an address, as they are counted.

    Attributes:
        client_id: as it was presented, whether there is such a client or not.
        network: as `network_of` gives it.
    """

    tenant_id: int
    client_id: str
    network: str

    @classmethod
    def of(cls, tenant_id: int, client_id: str | None, address: str) -> "Origin":
        """Name the client at an address; either may be missing."""
        return cls(tenant_id, client_id or "", network_of(address))


class ClientThrottle:
    """The failures of the clients of one server. Times are the store's, in whole seconds since 1970."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[Origin, _Count] = OrderedDict()
        self._familiar: OrderedDict[Origin, None] = OrderedDict()

    def seconds_left(self, origin: Origin, now: int) -> int:
        """Tell for how long one more failure is too many; 0 where it is not."""
        with self._lock:
            count = self._counts.get(origin)
            if count is None:
                return 0
            _forgive(count, now)
            return RETRY_AFTER_SECONDS if count.failures >= MOST_FAILURES else 0

    def is_familiar(self, origin: Origin) -> bool:
        """Tell whether a right secret was shown there before."""
        with self._lock:
            return origin in self._familiar

    def fail(self, origin: Origin, now: int) -> bool:
        """Count a failure. Gives whether to tell of it: the last one allowed, after a while without."""
        if not origin.client_id:
            # Who names no client guesses nothing.
            return False
        with self._lock:
            count = _entry(self._counts, origin, _Count(0, now))
            _forgive(count, now)
            count.failures = min(count.failures + 1, MOST_FAILURES)
            is_news = count.told_at is None or not 0 <= now - count.told_at < _TOLD_EVERY_SECONDS
            if count.failures < MOST_FAILURES or not is_news:
                return False
            count.told_at = now
            return True

    def succeed(self, origin: Origin) -> None:
        """Keep that a right secret was shown there."""
        with self._lock:
            _entry(self._familiar, origin, None)


def _forgive(count: _Count, now: int) -> None:
    # A clock that was set back forgives nothing, and holds nothing back for longer.
    count.failures = max(count.failures - max(now - count.at, 0), 0)
    count.at = now


def _entry(kept: OrderedDict[Origin, T], origin: Origin, new: T) -> T:
    """Give what is kept of an origin, or begin with it; the oldest is forgotten for it."""
    found = kept.setdefault(origin, new)
    kept.move_to_end(origin)
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)
    return found
