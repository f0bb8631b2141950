"""One row of the benchmark: a kind of request to a contender, measured round by round."""

import math
import statistics
from dataclasses import asdict, dataclass, field

from tests.benchmarks import kinds, load, wire
from tests.benchmarks.contenders import Account, Contender
from tests.benchmarks.kinds import Kind
from tests.benchmarks.serving import Process

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
    """A kind of request to a contender; where it has no account, to the baseline."""

    kind: Kind
    contender: str
    store: str
    process: Process
    account: Account | None = None
    requests: list[str] = field(default_factory=list)
    issued: int = 0
    warm_up_acknowledged: int = 0
    rows: int | None = None
    rounds: list[Round] = field(default_factory=list)

    def warm_up(self, pressure: Pressure, rounds: int) -> None:
        """Send a first few requests, then make ready as many as the rounds can use."""
        self.requests = self._made(WARM_UP_REQUESTS)
        first = self._measure(pressure, self._taken(WARM_UP_REQUESTS))
        self.warm_up_acknowledged = first.acknowledged
        assert not first.errors, f"{self}: {first.first_error}"
        wanted = math.ceil(first.requests_per_second * pressure.seconds * rounds * SPARE)
        if not self.kind.repeats:
            self.requests = self._made(wanted)

    def measure(self, pressure: Pressure, rounds: int) -> None:
        """Measure one of so many rounds."""
        left = rounds - len(self.rounds)
        self.rounds.append(self._measure(pressure, self._taken(len(self.requests) // left)))

    def _made(self, count: int) -> list[str]:
        if self.account is None:
            return [wire.get("/").decode()]
        tokens = self.account.issue(count) if self.kind.token else []
        self.issued += len(tokens)
        return kinds.requests(self.kind, self.account.path, self.account.basic, tokens)

    def _taken(self, count: int) -> list[str]:
        if self.kind.repeats:
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
                requests if self.kind.repeats else requests[number::many],
                self.kind.repeats,
                self.kind.expected,
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
        if self.account is not None and self.kind.changes:
            self.rows = self.account.count(self.issued)

    def median(self, figure: str) -> float:
        """Give the median of a figure over the rounds."""
        return float(statistics.median(getattr(each, figure) for each in self.rounds))

    def ratio_to(self, baseline: "Target") -> float:
        """Give the median of the rounds' ratios: what slows a whole round down does not show in it."""
        pairs = zip(self.rounds, baseline.rounds, strict=True)
        return statistics.median(own.requests_per_second / other.requests_per_second for own, other in pairs)

    def __str__(self) -> str:
        return f"{self.kind.name} of {self.contender} on {self.store}"

    def as_json(self) -> dict[str, object]:
        """Give all that was measured."""
        return {
            "request": self.kind.name,
            "server": self.contender,
            "store": self.store,
            "rows": self.rows,
            "rounds": [asdict(each) for each in self.rounds],
        }


def of_hello(process: Process) -> Target:
    """Make the baseline."""
    view = Kind("view", "", "hello", "", None, repeats=True, changes=False)
    return Target(view, "bare Flask", "none", process)


def of(contender: Contender, kind: Kind) -> Target:
    """Make a target, with an account of its own."""
    return Target(kind, contender.name, contender.store, contender.process, contender.account(kind))


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
