"""Requests a second and CPU a request, next to a Flask that does nothing and to other servers: `make bench`.

All of them are served in one run, on one PostgreSQL, from their packages. Rounds are interleaved and the
medians shown, so that what else the machine does falls on all of them alike. Every revocation and every
refresh brings another live token; afterwards the rows are counted: as many as were acknowledged, or the run
has failed. A goal that is missed is told, and is no failure.
"""

import argparse
import contextlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import goals, peering, product, profiling, reporting, serving, targets
from tests.benchmarks.contenders import Contender
from tests.benchmarks.kinds import KINDS
from tests.benchmarks.serving import Size
from tests.benchmarks.targets import Pressure, Target
from tests.stores import BACKENDS


def main() -> int:
    """Run the benchmark and print it. Gives the exit code: 1 where an answer or a row count was wrong."""
    options = _options()
    if options.profile:
        (kind,) = (each for each in KINDS if each.name == options.profile)
        print(profiling.profile(kind, _settings(options.set)))
        return 0
    measured, about = _run(options)
    baseline = measured[0]
    print(reporting.results(measured, baseline))
    problems = [problem for target in measured for problem in reporting.problems(target)]
    print("", *about, reporting.generator(measured), reporting.rows(measured), *problems, sep="\n")
    verdicts = list(goals.verdicts(baseline, measured))
    if verdicts:
        print("", reporting.table(goals.HEADINGS, verdicts, words=2), sep="\n")
    if options.json:
        document = {"about": about, "targets": [target.as_json() for target in measured]}
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("python -m tests.benchmarks.throughput", description=about, epilog=more)
    names, peers = [kind.name for kind in KINDS], [peer.name for peer in peering.PEERS]
    add = parser.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="of every kind of request (5)")
    add("--seconds", type=float, default=4.0, metavar="S", help="that a round takes (4)")
    add("--connections", type=int, default=16, metavar="N", help="in all (16)")
    add("--generators", type=int, default=2, metavar="N", help="processes that share the connections (2)")
    add("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="of gunicorn (one a core)")
    add("--threads", type=int, default=8, metavar="N", help="of each worker (8)")
    add("--store", action="append", choices=BACKENDS, help="only this one; may be repeated")
    add("--request", action="append", choices=names, help="only this kind; may be repeated")
    add("--peer", action="append", choices=peers, help="only this one beside; may be repeated")
    add(
        "--no-peers", action="store_const", const=[], dest="peer", help="only the product, and the bare Flask"
    )
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a RESCIND_ setting")
    add("--json", metavar="FILE", help="write every round there")
    add("--profile", choices=names, help="only tell where the time of this kind goes, in process")
    options = parser.parse_args()
    options.store = options.store or ["postgresql", "sqlite"]
    options.request = options.request or names
    options.peer = peers if options.peer is None else options.peer
    return options


def _settings(given: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in given)}


def _run(options: argparse.Namespace) -> tuple[list[Target], list[str]]:
    """Measure; gives the targets, of which the first is the baseline, and what they were measured on."""
    load_average = os.getloadavg()[0]
    size = Size(options.workers, options.threads)
    pressure = Pressure(options.connections, options.generators, options.seconds)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rescind-benchmark-")))
        postgresql = serving.start_postgresql(folder)
        baseline = targets.of_hello(stack.enter_context(serving.hello(folder, size)))
        contenders = _contenders(options, stack, folder, size, postgresql)
        chosen = [kind for kind in KINDS if kind.name in options.request]
        measured = [baseline, *(targets.of(each, kind) for kind in chosen for each in contenders)]
        for target in measured:
            print(f"warming up: {target}", file=sys.stderr)
            target.warm_up(pressure, options.rounds)
        for each in contenders:
            each.settle()
        _measure(measured, pressure, options.rounds)
        for target in measured:
            target.count_rows()
    about = [_conditions(options, size, load_average), postgresql.about]
    return measured, [*about, "SQLite, WAL, synchronous=FULL"] if "sqlite" in options.store else about


def _contenders(
    options: argparse.Namespace,
    stack: contextlib.ExitStack,
    folder: Path,
    size: Size,
    postgresql: serving.Postgresql,
) -> list[Contender]:
    settings = _settings(options.set)
    served = [
        stack.enter_context(serving.rescind_on(store, folder, size, postgresql, **settings))
        for store in options.store
    ]
    peers = [
        stack.enter_context(peering.serve(peer, postgresql, folder, size, options.connections))
        for peer in peering.PEERS
        if peer.name in options.peer
    ]
    return [*map(product.contender, served), *peers]


def _measure(all_targets: list[Target], pressure: Pressure, rounds: int) -> None:
    for number in range(rounds):
        # Every other round the other way, so that none always follows the same one.
        order = all_targets if number % 2 == 0 else all_targets[::-1]
        for target in order:
            target.measure(pressure, rounds)
        print(f"round {number + 1} of {rounds} done", file=sys.stderr)


def _conditions(options: argparse.Namespace, size: Size, load_average: float) -> str:
    return (
        f"Medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections;"
        f" gunicorn with {size.workers} workers of {size.threads} threads, Node with one process; Python"
        f" {platform.python_version()}, {os.cpu_count()} cores, load average {load_average:.1f} before."
        " The CPU of SQLite is the server's."
    )


if __name__ == "__main__":
    sys.exit(main())
