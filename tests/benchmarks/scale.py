"""Purge a large store beside traffic: `make scale`.

Tokens and grants of many tenants that can all go are loaded by COPY into a PostgreSQL of this run. They are
purged as `rescind purge` does it, while a gunicorn revokes other tokens: how long that takes is set against
how long it takes without a purge. It ends with 1 where that is three times as long or more, where a row is
left, or where a statement of the purge does not go by its index.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from rescind.domain import purging
from rescind.store import duties
from rescind.store.purging import STEPS
from tests.benchmarks import kinds, plans, product, serving, targets
from tests.benchmarks.due import load_due
from tests.benchmarks.serving import Served, Size
from tests.benchmarks.targets import Pressure, Round, Target

MOST_TIMES_QUIET = 3
_HOLDER, _DAY_SECONDS = "tests", 86_400


class Purge(threading.Thread):
    """A purge on its way, with what came of it."""

    def __init__(self, served: Served) -> None:
        super().__init__(daemon=True)
        self._served = served
        self.rows = self.statements = 0
        self.seconds = 0.0

    def run(self) -> None:
        """Purge to the end."""
        authority = self._served.server.authority
        duties.give_up(authority.store, purging.DUTY, _HOLDER)
        began = time.monotonic()
        with plans.counted() as sent:
            for batch in purging.purge(authority):
                self.rows += batch.rows
        self.statements = len(sent)
        self.seconds = time.monotonic() - began


def main() -> int:
    """Run it and print it. Gives the exit code."""
    options = _options()
    pressure = Pressure(options.connections, 1, options.seconds)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rescind-scale-")))
        postgresql = serving.start_postgresql(folder)
        size = Size(options.workers, 8)
        served = stack.enter_context(serving.rescind_on("postgresql", folder, size, postgresql))
        store = served.server.authority.store
        # Or a worker of the server could come first, and there would be nothing left to measure.
        duties.take(store, purging.DUTY, _HOLDER, seconds=_DAY_SECONDS)
        began = time.monotonic()
        load_due(served.url, tenants=options.tenants, tokens=options.tokens, grants=options.grants)
        _say(f"loaded in {time.monotonic() - began:.0f} s; {postgresql.about}")
        shown = {step: plans.of_deletion(store, step) for step in ("tokens", "grants")}
        quiet, beside, purge = _measure(served, pressure, options.rounds)
        left = sum(purging.count_due(served.server.authority)[:1])
    print(_told("quiet", quiet), _told("beside a purge", beside), sep="\n")
    print(
        f"{purge.rows} rows in {purge.seconds:.0f} s: {purge.rows / purge.seconds:.0f} rows/s,"
        f" {purge.statements} statements over {options.tenants} tenants and {len(STEPS)} tables; {left} left"
    )
    for step, plan in shown.items():
        print(f"\n{step}\n{plan.text}")
    ratio = _p99(beside) / _p99(quiet)
    print(f"\np99 beside a purge is {ratio:.2f} x quiet")
    is_by_index = all(plan.is_by_index_alone for plan in shown.values())
    return 0 if is_by_index and not left and ratio < MOST_TIMES_QUIET else 1


def _measure(served: Served, pressure: Pressure, rounds: int) -> tuple[list[Round], list[Round], Purge]:
    revoke = next(each for each in kinds.KINDS if each.name == "revoke")
    target = targets.of(product.contender(served), revoke)
    target.warm_up(pressure, 2 * rounds)
    quiet = [_round(target, pressure, 2 * rounds) for _ in range(rounds)]
    purge = Purge(served)
    purge.start()
    beside = list(_while(purge, target, pressure, rounds))
    purge.join()
    assert beside, "the purge was over before a round was: load more rows"
    return quiet, beside, purge


def _while(purge: Purge, target: Target, pressure: Pressure, rounds: int) -> Iterator[Round]:
    for _ in range(rounds):
        each = _round(target, pressure, 2 * rounds)
        if purge.is_alive():
            yield each


def _round(target: Target, pressure: Pressure, rounds: int) -> Round:
    target.measure(pressure, rounds)
    done = target.rounds[-1]
    assert not done.errors, done.first_error
    return done


def _p99(rounds: list[Round]) -> float:
    return statistics.median(each.p99_ms for each in rounds)


def _told(name: str, rounds: list[Round]) -> str:
    p50 = statistics.median(each.p50_ms for each in rounds)
    rate = statistics.median(each.requests_per_second for each in rounds)
    worst = max(each.p99_ms for each in rounds)
    return (
        f"revoke {name}: {rate:.0f}/s, p50 {p50:.1f} ms, p99 {_p99(rounds):.1f} ms (medians of {len(rounds)}"
        f" rounds; the worst p99 {worst:.1f} ms)"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("python -m tests.benchmarks.scale", description=about, epilog=more)
    add = parser.add_argument
    add("--tenants", type=int, default=10_000, metavar="N", help="(10,000)")
    add("--tokens", type=int, default=10_000_000, metavar="N", help="that can go, of all tenants (10 M)")
    add("--grants", type=int, default=1_000_000, metavar="N", help="that can go, of all tenants (1 M)")
    add("--rounds", type=int, default=6, metavar="N", help="of revocations, quiet and beside the purge (6)")
    add("--seconds", type=float, default=5.0, metavar="S", help="that a round takes (5)")
    add("--connections", type=int, default=8, metavar="N", help="of those who revoke (8)")
    add("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="of gunicorn (one a core)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
