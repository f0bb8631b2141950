"""Requests a second and CPU a request, next to a Flask that does nothing: `make bench`.

gunicorn serves the product on each store and the baseline, all in one run. Rounds are interleaved and the
medians shown, so that what else the machine does falls on all of them alike. Every revocation hits another
live token; afterwards the rows are counted: as many as were acknowledged, or the run has failed.
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

from tests.benchmarks import serving, subjects, targets
from tests.benchmarks.serving import Size
from tests.benchmarks.targets import Pressure, Target
from tests.stores import BACKENDS

HEADINGS = [
    *("request", "store", "requests/s", "of hello", "p50 ms", "p99 ms"),
    *("server CPU µs", "database CPU µs", "answered", "rows", "errors"),
]


def main() -> int:
    """Run the benchmark and print it. Gives the exit code: 1 where an answer or a row count was wrong."""
    options = _options()
    load_average = os.getloadavg()[0]
    size = Size(options.workers, options.threads)
    pressure = Pressure(options.connections, options.generators, options.seconds)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rescind-benchmark-")))
        baseline = targets.of_hello(stack.enter_context(serving.hello(folder, size)))
        served = [
            stack.enter_context(serving.rescind_on(store, folder, size, **_settings(options.set)))
            for store in options.store
        ]
        chosen = [each for each in subjects.SUBJECTS if each.name in options.request]
        measured = [baseline, *(targets.of(each, subject) for each in served for subject in chosen)]
        for target in measured:
            target.warm_up(pressure, options.rounds)
        for each in served:
            each.settle()
        _measure(measured, pressure, options.rounds)
        for target in measured:
            target.count_rows()
        about = [_conditions(options, size, load_average), *(each.about_store for each in served)]
    problems = [problem for target in measured for problem in _problems(target)]
    print(_table([_row(target, baseline) for target in measured]))
    print("", *about, _generator(measured), *problems, sep="\n")
    if options.json:
        document = {"about": about, "targets": [target.as_json() for target in measured]}
        Path(options.json).write_text(json.dumps(document, indent=1) + "\n")
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("python -m tests.benchmarks.throughput", description=about, epilog=more)
    names = [subject.name for subject in subjects.SUBJECTS]
    add = parser.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="of every kind of request (5)")
    add("--seconds", type=float, default=4.0, metavar="S", help="that a round takes (4)")
    add("--connections", type=int, default=16, metavar="N", help="in all (16)")
    add("--generators", type=int, default=2, metavar="N", help="processes that share the connections (2)")
    add("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="of gunicorn (one a core)")
    add("--threads", type=int, default=8, metavar="N", help="of each worker (8)")
    add("--store", action="append", choices=BACKENDS, help="only this one; may be repeated")
    add("--request", action="append", choices=names, help="only this kind; may be repeated")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a RESCIND_ setting")
    add("--json", metavar="FILE", help="write every round there")
    options = parser.parse_args()
    options.store = options.store or ["postgresql", "sqlite"]
    options.request = options.request or names
    return options


def _settings(given: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in given)}


def _measure(all_targets: list[Target], pressure: Pressure, rounds: int) -> None:
    for number in range(rounds):
        # Every other round the other way, so that none always follows the same one.
        order = all_targets if number % 2 == 0 else all_targets[::-1]
        for target in order:
            target.measure(pressure, rounds)
        print(f"round {number + 1} of {rounds} done", file=sys.stderr)


def _row(target: Target, baseline: Target) -> list[str]:
    has_database = target.process.database_pid is not None
    return [
        target.name,
        target.store,
        f"{target.median('requests_per_second'):.0f}",
        f"{target.ratio_to(baseline):.2f}",
        f"{target.median('p50_ms'):.1f}",
        f"{target.median('p99_ms'):.1f}",
        f"{target.median('server_cpu_us'):.0f}",
        f"{target.median('database_cpu_us'):.0f}" if has_database else "-",
        str(target.acknowledged),
        "-" if target.rows is None else str(target.rows),
        str(target.errors),
    ]


def _table(rows: list[list[str]]) -> str:
    """Write a Markdown table, with columns that are also lined up for the eye."""
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    rule = ["-" * width if number < 2 else "-" * (width - 1) + ":" for number, width in enumerate(widths)]
    lines = [HEADINGS, rule, *rows]
    return "\n".join("| " + " | ".join(_padded(line, widths)) + " |" for line in lines)


def _padded(line: list[str], widths: list[int]) -> list[str]:
    pairs = list(zip(line, widths, strict=True))
    return [f"{cell:<{width}}" for cell, width in pairs[:2]] + [
        f"{cell:>{width}}" for cell, width in pairs[2:]
    ]


def _conditions(options: argparse.Namespace, size: Size, load_average: float) -> str:
    return (
        f"Medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections;"
        f" gunicorn with {size.workers} workers of {size.threads} threads; Python"
        f" {platform.python_version()}, {os.cpu_count()} cores, load average {load_average:.1f} before."
        " The CPU of SQLite is the server's."
    )


def _generator(all_targets: list[Target]) -> str:
    cost = max(target.median("generator_cpu_us") for target in all_targets)
    share = max(each.generator_share for target in all_targets for each in target.rounds)
    return (
        f"The load generator used up to {cost:.0f} µs of CPU a request, and {share:.0%} of a core a process."
    )


def _problems(target: Target) -> list[str]:
    where = f"{target.name} on {target.store}"
    wrong = [f"WRONG: {where}: {each.first_error}" for each in target.rounds if each.errors]
    if target.rows not in {None, target.acknowledged}:
        wrong.append(f"WRONG: {where}: {target.acknowledged} acknowledged, but {target.rows} rows")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
