"""For how long what was read is to be believed, where PostgreSQL's commits wait for a standby.

A primary that was given up does not know it: its standby was promoted, revocations are acknowledged there,
and it goes on saying that their tokens are active. What it can't do any more is to have a commit confirmed.
So what a server says is believed for a lease, counted from the *start* of the last write that was confirmed
on that very server: at that moment its standby still followed it. Who meets a server that was promoted lets a
lease go by before acknowledging anything: by then nobody believes the one before it.

It is the host's steady clock that counts, in each process by itself; no two clocks are compared.
"""

import threading
import time
from collections.abc import Callable

from rescind.errors import StoreUnavailable
from rescind.store.forks import call_in_child
from rescind.store.standing import STANDBY, STANDBY_REFUSED, Server

LEASE_SECONDS = 2
# So long a write may take to be confirmed, before it is given up; see `deadlines`.
CONFIRM_SECONDS = 5.0
# Servers that are remembered. There are more only where they are started anew again and again.
MOST_SERVERS = 50

_NEVER = float("-inf")
LAPSED = (
    "PostgreSQL's standby has confirmed nothing for too long: another server may be the primary by now.",
    "no standby confirms",
)


class _Term:
    """What is known of one server, since its standing was first seen."""

    def __init__(self) -> None:
        self.seen_at = time.monotonic()
        # When the last write began that was confirmed.
        self.confirmed_at = _NEVER
        self.failed_at = _NEVER
        self.is_renewing = False
        self.changed = threading.Condition()


class Lease:
    """The leases of one process on the servers that it reads from.

    Args:
        seconds: of each.
        beat: writes the least there is, and calls `renew`.
    """

    def __init__(self, seconds: float, beat: Callable[[], None]) -> None:
        self.seconds = seconds
        self._beat = beat
        self._start_afresh()
        call_in_child(self._start_afresh)

    def _start_afresh(self) -> None:
        self._terms: dict[str, _Term] = {}
        self._met: dict[str, float] = {}
        self._settled_at = 0.0
        self._lock = threading.Lock()

    def meet(self, server: Server) -> None:
        """Take note of a primary that a connection has reached."""
        met_at = self._met_at(server.identity)
        if server.may_follow_another:
            self._settled_at = max(self._settled_at, met_at + self.seconds)

    @property
    def unsettled_seconds(self) -> float:
        """For how long nothing may be acknowledged yet, as an earlier primary may still be believed."""
        return max(0.0, self._settled_at - time.monotonic())

    def renew(self, server: Server, started_at: float) -> None:
        """Count from a write on a server that was confirmed.

        Args:
            started_at: by the steady clock, before the write was sent.
        """
        term = self._terms.get(server.identity)
        # One from before its standing was seen may not have waited for any standby.
        if term is None or started_at < term.seen_at:
            return
        with term.changed:
            term.confirmed_at = max(term.confirmed_at, started_at)
            term.changed.notify_all()

    def note(self, standing: str) -> None:
        """Take note of a server before a write there.

        Raises:
            StoreUnavailable: it is a standby.
        """
        self._term(standing)

    def holds(self, standing: str | None) -> bool:
        """Tell whether what was read may be answered now, without waiting.

        Half-way through a renewal is begun, so that steady reading never waits for one.
        """
        if standing is None:
            # No standby is asked for, so no write that is confirmed says anything of one.
            if self._terms:
                self._terms = {}
            return True
        term = self._terms.get(standing)
        age = time.monotonic() - term.confirmed_at if term is not None else float("inf")
        if age >= self.seconds:
            return False
        if term is not None and age >= self.seconds / 2:
            with term.changed:
                self._begin_to_renew(term)
        return True

    def regain(self, standing: str) -> None:
        """Renew the lease on a server, and wait for that.

        Raises:
            StoreUnavailable: it is a standby, or no write was confirmed there in its time.
        """
        term = self._term(standing)
        if not self._await(term, lambda: time.monotonic() - term.confirmed_at < self.seconds, self.seconds):
            raise StoreUnavailable(*LAPSED)

    def confirm(self, standing: str) -> None:
        """Wait for a confirmed write that begins from now on, on a server. Those who wait share one.

        Raises:
            StoreUnavailable: there was none.
        """
        term, begun_at = self._term(standing), time.monotonic()
        if not self._await(term, lambda: term.confirmed_at >= begun_at, CONFIRM_SECONDS):
            raise StoreUnavailable(*LAPSED)

    def _await(self, term: _Term, is_reached: Callable[[], bool], seconds: float) -> bool:
        begun_at = time.monotonic()
        with term.changed:
            while not is_reached():
                left = begun_at + seconds - time.monotonic()
                if left <= 0 or term.failed_at > begun_at:
                    return False
                self._begin_to_renew(term)
                term.changed.wait(left)
        return True

    def _begin_to_renew(self, term: _Term) -> None:
        """Have a write made, unless one is under way. The caller holds the term."""
        if term.is_renewing:
            return
        term.is_renewing = True
        try:
            threading.Thread(target=self._renew, args=(term,), name="rescind-lease", daemon=True).start()
        except RuntimeError:
            term.is_renewing = False

    def _renew(self, term: _Term) -> None:
        begun_at = time.monotonic()
        try:
            self._beat()
        except StoreUnavailable:
            # Logged where it was raised.
            pass
        finally:
            with term.changed:
                term.is_renewing = False
                # A write may have been confirmed, and on another server.
                if term.confirmed_at < begun_at:
                    term.failed_at = time.monotonic()
                term.changed.notify_all()

    def _term(self, standing: str) -> _Term:
        if standing == STANDBY:
            raise StoreUnavailable(*STANDBY_REFUSED)
        self.meet(Server(standing, has_standby=True))
        with self._lock:
            if len(self._terms) >= MOST_SERVERS:
                self._terms = {}
            return self._terms.setdefault(standing, _Term())

    def _met_at(self, identity: str) -> float:
        with self._lock:
            if len(self._met) >= MOST_SERVERS and identity not in self._met:
                self._met = {}
            return self._met.setdefault(identity, time.monotonic())
