"""The load generator: processes that send requests over connections which they keep open.

Each connection has one request under way at a time. One thread a process waits for all of its connections,
so that a request costs the generator little; how much, it tells.
"""

import itertools
import json
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.benchmarks import wire

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Job:
    """What one process is to do.

    Attributes:
        requests: sent in turn, over and over if `repeats`; when they are used up before the time, it is over.
        expected: a regular expression that the whole body of a right answer matches.
    """

    port: int
    connections: int
    seconds: float
    requests: list[str]
    repeats: bool
    expected: str


@dataclass
class Outcome:
    """What came of it. Times are on the clock that all processes share; `cpu_seconds` is the generator's."""

    began: float = 0.0
    ended: float = 0.0
    cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""

    @property
    def acknowledged(self) -> int:
        """How many right answers there were."""
        return len(self.milliseconds)


def put_on(jobs: Sequence[Job], started: Callable[[], None], ended: Callable[[], None]) -> list[Outcome]:
    """Run each job in a process of its own.

    Args:
        started: called when all connections stand and before any request is sent.
        ended: called when the last answer has come.
    """
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, text=True) for _ in jobs]
    try:
        for process, job in zip(processes, jobs, strict=True):
            _say(process, json.dumps(asdict(job)))
        for process in processes:
            _hear(process)
        started()
        for process in processes:
            _say(process, "go")
        heard = [_hear(process) for process in processes]
        ended()
        return [Outcome(**json.loads(text)) for text in heard]
    finally:
        for process in processes:
            process.communicate()


def _say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "a process of the load generator has ended"
    return line


@dataclass
class _Lane:
    connection: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


class _Run:
    """One process at work."""

    def __init__(self, job: Job) -> None:
        self._expected = re.compile(job.expected.encode(), re.DOTALL)
        requests = [request.encode() for request in job.requests]
        self._requests: Iterator[bytes] = itertools.cycle(requests) if job.repeats else iter(requests)
        self._seconds = job.seconds
        self._selector = selectors.DefaultSelector()
        self._lanes = [_Lane(wire.connect(job.port)) for _ in range(job.connections)]
        self._until = 0.0
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Send until the time is over, then wait for what is under way."""
        cpu = time.process_time()
        outcome = self._outcome
        outcome.began = time.monotonic()
        self._until = outcome.began + self._seconds
        for lane in self._lanes:
            self._selector.register(lane.connection, selectors.EVENT_READ, lane)
            self._send(lane)
        while self._selector.get_map():
            ready = self._selector.select(wire.TIMEOUT_SECONDS)
            assert ready, "the server does not answer"
            for key, _ in ready:
                self._receive(key.data)
        outcome.ended = time.monotonic()
        outcome.cpu_seconds = time.process_time() - cpu
        return outcome

    def _send(self, lane: _Lane) -> None:
        request = next(self._requests, None) if time.monotonic() < self._until else None
        if request is None:
            self._close(lane)
            return
        lane.received, lane.sent_at = b"", time.monotonic()
        lane.connection.sendall(request)

    def _receive(self, lane: _Lane) -> None:
        try:
            piece = lane.connection.recv(65_536)
        except OSError:
            piece = b""
        if not piece:
            self._fail("the server closed a connection")
            self._close(lane)
            return
        lane.received += piece
        answer = wire.parse(lane.received)
        if answer is not None:
            self._check(answer, (time.monotonic() - lane.sent_at) * 1000)
            self._send(lane)

    def _check(self, answer: wire.Answer, milliseconds: float) -> None:
        if answer.status == 200 and self._expected.fullmatch(answer.body):
            self._outcome.milliseconds.append(round(milliseconds, 3))
        else:
            self._fail(f"{answer.status} {answer.body[:200].decode(errors='replace')}")

    def _fail(self, what: str) -> None:
        self._outcome.errors += 1
        self._outcome.first_error = self._outcome.first_error or what

    def _close(self, lane: _Lane) -> None:
        self._selector.unregister(lane.connection)
        lane.connection.close()


def main() -> None:
    """Read a job, get ready, wait for the word, and tell what came of it: a line each."""
    run = _Run(Job(**json.loads(sys.stdin.readline())))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(run.run())), flush=True)


if __name__ == "__main__":
    main()
