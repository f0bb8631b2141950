"""One row of the benchmark: a kind of request on a store, measured round by round."""

import math
import statistics
from dataclasses import asdict, dataclass, field

from tests.benchmarks import load, wire
from tests.benchmarks.serving import Process, Served
from tests.benchmarks.subjects import Subject
from tests.servers import Client

WARM_UP_REQUESTS = 400
# How many more requests are made ready than were answered while warming up.
SPARE = 2.0


@dataclass(frozen=True)
class Pressure:
    """How hard the generator presses."""

    connections: int
    generators: int
    seconds: float


@dataclass(frozen=True)
class Round:
    """What one round has shown. CPU in microseconds a request; shares of one core."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    database_cpu_us: float
    generator_cpu_us: float
    generator_share: float
    acknowledged: int
    errors: int
    first_error: str


@dataclass
class Target:
    """A kind of request on a store."""

    name: str
    store: str
    process: Process
    expected: str
    repeats: bool
    subject: Subject | None = None
    client: Client | None = None
    requests: list[str] = field(default_factory=list)
    warm_up_acknowledged: int = 0
    rows: int | None = None
    rounds: list[Round] = field(default_factory=list)

    def warm_up(self, pressure: Pressure, rounds: int) -> None:
        """Send a first few requests, then make ready as many as the rounds can use."""
        self.requests = self._made(WARM_UP_REQUESTS)
        first = self._measure(pressure, self._taken(WARM_UP_REQUESTS))
        self.warm_up_acknowledged = first.acknowledged
        assert not first.errors, f"{self.name} on {self.store}: {first.first_error}"
        wanted = math.ceil(first.requests_per_second * pressure.seconds * rounds * SPARE)
        if not self.repeats:
            self.requests = self._made(wanted)

    def measure(self, pressure: Pressure, rounds: int) -> None:
        """Measure one of so many rounds."""
        left = rounds - len(self.rounds)
        self.rounds.append(self._measure(pressure, self._taken(len(self.requests) // left)))

    def _made(self, count: int) -> list[str]:
        if self.subject is None or self.client is None:
            return [wire.get("/").decode()]
        return self.subject.requests(self.client, count)

    def _taken(self, count: int) -> list[str]:
        if self.repeats:
            return self.requests
        taken, self.requests = self.requests[:count], self.requests[count:]
        return taken

    def _measure(self, pressure: Pressure, requests: list[str]) -> Round:
        many, times = pressure.generators, []
        jobs = [
            load.Job(
                self.process.port,
                # What is left of the division goes to the first ones.
                (pressure.connections + many - 1 - number) // many,
                pressure.seconds,
                requests if self.repeats else requests[number::many],
                self.repeats,
                self.expected,
            )
            for number in range(many)
        ]

        def look_at_the_clock() -> None:
            times.append(self.process.cpu_seconds())

        outcomes = load.put_on(jobs, look_at_the_clock, look_at_the_clock)
        (server, database), (server_after, database_after) = times
        return _round(outcomes, server_after - server, database_after - database)

    @property
    def acknowledged(self) -> int:
        """How many right answers there were in all, the warming up counted in."""
        return self.warm_up_acknowledged + sum(each.acknowledged for each in self.rounds)

    @property
    def errors(self) -> int:
        """How many wrong answers there were in all."""
        return sum(each.errors for each in self.rounds)

    def count_rows(self) -> None:
        """Count the rows that the acknowledged requests have changed, if they change any."""
        if self.client is not None and self.subject is not None and self.subject.count is not None:
            self.rows = self.subject.count(self.client)

    def median(self, figure: str) -> float:
        """Give the median of a figure over the rounds."""
        return float(statistics.median(getattr(each, figure) for each in self.rounds))

    def ratio_to(self, baseline: "Target") -> float:
        """Give the median of the rounds' ratios: what slows a whole round down does not show in it."""
        pairs = zip(self.rounds, baseline.rounds, strict=True)
        return statistics.median(own.requests_per_second / other.requests_per_second for own, other in pairs)

    def as_json(self) -> dict[str, object]:
        """Give all that was measured."""
        return {
            "name": self.name,
            "store": self.store,
            "rows": self.rows,
            "rounds": [asdict(each) for each in self.rounds],
        }


def of_hello(process: Process) -> Target:
    """Make the baseline."""
    return Target("Flask hello", "none", process, "hello", repeats=True)


def of(served: Served, subject: Subject) -> Target:
    """Make a target, with a tenant and a client of its own."""
    client = served.server.new_tenant().new_client()
    return Target(
        subject.name, served.store, served.process, subject.expected, subject.repeats, subject, client
    )


def _round(outcomes: list[load.Outcome], server_seconds: float, database_seconds: float) -> Round:
    acknowledged = sum(outcome.acknowledged for outcome in outcomes)
    assert acknowledged, f"no right answer: {outcomes[0].first_error}"
    elapsed = max(outcome.ended for outcome in outcomes) - min(outcome.began for outcome in outcomes)
    milliseconds = sorted(value for outcome in outcomes for value in outcome.milliseconds)
    shares = [outcome.cpu_seconds / (outcome.ended - outcome.began) for outcome in outcomes]
    microseconds = 1_000_000 / acknowledged
    return Round(
        requests_per_second=acknowledged / elapsed,
        p50_ms=statistics.median(milliseconds),
        p99_ms=milliseconds[min(len(milliseconds) - 1, len(milliseconds) * 99 // 100)],
        server_cpu_us=server_seconds * microseconds,
        database_cpu_us=database_seconds * microseconds,
        generator_cpu_us=sum(outcome.cpu_seconds for outcome in outcomes) * microseconds,
        generator_share=max(shares),
        acknowledged=acknowledged,
        errors=sum(outcome.errors for outcome in outcomes),
        first_error=next((outcome.first_error for outcome in outcomes if outcome.first_error), ""),
    )
