"""What time and bytes tell of a token or a client that is not there: `make timing`.

An unknown token, another tenant's, a revoked and an expired one must be answered alike, and so must an
unknown client and a wrong secret. The answers must be the same bytes, but for the date and the request id:
the run fails where they are not. The medians should differ by no more than 1.5 ms or 15 %: that is only
reported, since it depends on what else the machine does.
"""

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import lookalikes, serving, wire
from tests.benchmarks.lookalikes import Lookalikes
from tests.benchmarks.serving import Served, Size
from tests.stores import BACKENDS

WARM_UP = 50
ALLOWED_MILLISECONDS = 1.5
ALLOWED_SHARE = 0.15
SIZE = Size(workers=2, threads=8)


@dataclass
class Seen:
    """What was seen of one case."""

    milliseconds: list[float] = field(default_factory=list)
    answers: set[bytes] = field(default_factory=set)

    @property
    def median(self) -> float:
        """The median of its times."""
        return statistics.median(self.milliseconds)


def main() -> int:
    """Measure, and print a table. Gives the exit code: 1 where answers differ in their bytes."""
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("python -m tests.benchmarks.timing", description=about, epilog=more)
    parser.add_argument("--count", type=int, default=400, metavar="N", help="requests of each case (400)")
    parser.add_argument("--store", action="append", choices=BACKENDS, help="only this one; may be repeated")
    options = parser.parse_args()
    print("| store | request | answer | case | median ms | difference ms | allowed ms | alike | same bytes |")
    print("| --- | --- | ---: | --- | ---: | ---: | ---: | --- | --- |")
    are_same = True
    for store in options.store or BACKENDS:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rescind-timing-")))
            served = stack.enter_context(serving.rescind_on(store, folder, SIZE))
            for group in lookalikes.groups(served.server, options.count + WARM_UP):
                seen = _measure(served, group)
                are_same &= _report(store, group, seen)
    return 0 if are_same else 1


def _measure(served: Served, group: Lookalikes) -> dict[str, Seen]:
    """Send the cases in turn, in an order that is drawn anew each time, over one connection."""
    seen = {name: Seen() for name in group.cases}
    names = list(group.cases)
    with wire.connect(served.process.port) as connection:
        for number, requests in enumerate(zip(*group.cases.values(), strict=True)):
            turns = list(zip(names, requests, strict=True))
            random.shuffle(turns)
            for name, request in turns:
                began = time.perf_counter()
                answer = wire.exchange(connection, request)
                elapsed = (time.perf_counter() - began) * 1000
                seen[name].answers.add(answer.comparable)
                if number >= WARM_UP:
                    seen[name].milliseconds.append(elapsed)
    return seen


def _report(store: str, group: Lookalikes, seen: dict[str, Seen]) -> bool:
    """Print the rows of a group, each beside its first case. Gives whether all answers are the same bytes."""
    first = next(iter(seen.values()))
    allowed = max(ALLOWED_MILLISECONDS, ALLOWED_SHARE * first.median)
    expected = next(iter(first.answers))
    for name, each in seen.items():
        difference = each.median - first.median
        is_alike, is_same = abs(difference) <= allowed, each.answers == {expected}
        cells = [store, group.request, _status(each), name, f"{each.median:.2f}", f"{difference:+.2f}"]
        print("|", " | ".join([*cells, f"{allowed:.2f}", _word(is_alike), _word(is_same)]), "|")
    return all(each.answers == {expected} for each in seen.values()) and _status(first) == str(group.status)


def _status(seen: Seen) -> str:
    return ", ".join(sorted({answer[9:12].decode() for answer in seen.answers}))


def _word(is_so: bool) -> str:
    return "yes" if is_so else "NO"


if __name__ == "__main__":
    sys.exit(main())
