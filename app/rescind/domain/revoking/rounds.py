"""Empty the outbox fairly: receivers take turns, over all tenants, and a silent one delays only itself.

A few turns are taken at once, each in a thread of its own, one at a time of each receiver and not all of
them of one tenant. What becomes due meanwhile joins in.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rescind.domain.authority import Authority
from rescind.domain.revoking.deliveries import Answer, Outcome, Send, Turn, take_turn
from rescind.errors import StoreUnavailable
from rescind.store import deliveries
from rescind.store.deliveries import ReceiverRecord

SLOTS = 8
# The others are for whoever else has something to send, however many receivers of one tenant are silent.
SLOTS_OF_TENANT = 4
# While turns are taken, it is looked so often whether more has become due.
LOOK_SECONDS = 1.0
# A tenant with more receivers has the others listed when these have had their turn.
MOST_LISTED_OF_TENANT = 20


@dataclass(frozen=True, slots=True)
class _Ended:
    """A turn that is over; without any, its receiver was somebody else's."""

    receiver: ReceiverRecord
    turn: Turn | None = None
    fault: BaseException | None = None


def deliver_due(authority: Authority, send: Send) -> Iterator[Outcome]:
    """Send what is due, of every open tenant, until nothing is; give what became of each as it goes.

    It may be stopped and started at any point, and run beside itself.

    Args:
        send: sends one. It is called outside any transaction, from several threads.

    Raises:
        SettingsError: a tenant can't sign, and keeps what it has to send; the others have had their turn.
        StoreUnavailable: what was sent, and could not be marked, is sent again later.
    """
    return _Round(authority, send).run()


class _Round:
    """Who waits for a turn, and who has one."""

    def __init__(self, authority: Authority, send: Send) -> None:
        self._authority = authority
        self._send = send
        self._waiting: deque[ReceiverRecord] = deque()
        self._at_it: dict[tuple[int, str], ReceiverRecord] = {}
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._looked_at = 0.0
        # Whether anything was sent since: otherwise it is not asked again at once.
        self._has_moved = True
        self._fault: BaseException | None = None

    def run(self) -> Iterator[Outcome]:
        """Take turns until nobody waits for one."""
        while True:
            if self._is_time_to_look():
                self._look()
            self._begin_turns()
            if not self._at_it:
                break
            for ended in self._await_some():
                yield from self._end(ended)
        if self._fault is not None:
            raise self._fault

    def _is_time_to_look(self) -> bool:
        if isinstance(self._fault, StoreUnavailable):
            return False
        is_idle = not self._waiting and not self._at_it
        return (is_idle and self._has_moved) or time.monotonic() - self._looked_at >= LOOK_SECONDS

    def _look(self) -> None:
        with self._authority.store.reading() as tx:
            found = deliveries.waiting(tx, most_of_tenant=MOST_LISTED_OF_TENANT)
        self._waiting = deque(each for each in found if _key(each) not in self._at_it)
        self._looked_at = time.monotonic()
        self._has_moved = False

    def _begin_turns(self) -> None:
        of_tenant = Counter(each.tenant.id for each in self._at_it.values())
        for _ in range(len(self._waiting)):
            if len(self._at_it) >= SLOTS:
                return
            receiver = self._waiting.popleft()
            if of_tenant[receiver.tenant.id] >= SLOTS_OF_TENANT:
                self._waiting.append(receiver)
                continue
            of_tenant[receiver.tenant.id] += 1
            self._at_it[_key(receiver)] = receiver
            # Nobody waits for them at the end of the process.
            threading.Thread(target=self._take, args=(receiver,), name="rescind-turn", daemon=True).start()

    def _take(self, receiver: ReceiverRecord) -> None:
        try:
            ended = _Ended(receiver, take_turn(self._authority, receiver, self._send))
        except BaseException as fault:
            ended = _Ended(receiver, fault=fault)
        self._ended.put(ended)

    def _await_some(self) -> Iterator[_Ended]:
        try:
            yield self._ended.get(timeout=LOOK_SECONDS)
            while True:
                yield self._ended.get_nowait()
        except queue.Empty:
            return

    def _end(self, ended: _Ended) -> tuple[Outcome, ...]:
        del self._at_it[_key(ended.receiver)]
        if ended.fault is not None:
            self._fault = self._fault or ended.fault
            if isinstance(ended.fault, StoreUnavailable):
                self._waiting.clear()
        if ended.turn is None:
            return ()
        self._has_moved = True
        left = ended.receiver.messages - 1
        if left and ended.turn.answer is not Answer.SILENT and not isinstance(self._fault, StoreUnavailable):
            self._waiting.append(replace(ended.receiver, messages=left))
        return ended.turn.outcomes


def _key(receiver: ReceiverRecord) -> tuple[int, str]:
    return receiver.tenant.id, receiver.client_id
