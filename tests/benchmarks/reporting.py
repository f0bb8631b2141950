"""What a run has shown, as Markdown tables and sentences."""

from collections.abc import Iterable, Sequence

from tests.benchmarks import product
from tests.benchmarks.targets import Target

_WORDS = 3
HEADINGS = [
    *("request", "server", "store", "requests/s", "of hello", "of ours", "p50 ms", "p99 ms"),
    *("server CPU µs", "database CPU µs", "errors"),
]


def results(targets: Sequence[Target], baseline: Target) -> str:
    """Write a line for each target, kind by kind. What is ours is the product on PostgreSQL."""
    ours = {
        each.kind.name: each
        for each in targets
        if each.contender == product.NAME and each.store == "postgresql"
    }
    return table(HEADINGS, [_row(each, baseline, ours.get(each.kind.name)) for each in targets], _WORDS)


def _row(target: Target, baseline: Target, ours: Target | None) -> list[str]:
    has_database = target.process.database_pid is not None
    return [
        target.kind.name,
        target.contender,
        target.store,
        f"{target.median('requests_per_second'):.0f}",
        f"{target.ratio_to(baseline):.2f}",
        f"{target.ratio_to(ours):.2f}" if ours else "-",
        f"{target.median('p50_ms'):.1f}",
        f"{target.median('p99_ms'):.1f}",
        f"{target.median('server_cpu_us'):.0f}",
        f"{target.median('database_cpu_us'):.0f}" if has_database else "-",
        str(target.errors),
    ]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], words: int) -> str:
    """Write a Markdown table, with columns that are also lined up for the eye.

    Args:
        words: how many of the first columns hold words; what follows is figures, to the right.
    """
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width if number < words else "-" * (width - 1) + ":" for number, width in enumerate(widths)]
    lines.insert(1, rule)
    return "\n".join("| " + " | ".join(_padded(line, widths, words)) + " |" for line in lines)


def _padded(line: Sequence[str], widths: Sequence[int], words: int) -> list[str]:
    aligned = ["<" if number < words else ">" for number in range(len(widths))]
    return [f"{cell:{side}{width}}" for cell, side, width in zip(line, aligned, widths, strict=True)]


def generator(targets: Sequence[Target]) -> str:
    """Tell what the load generator itself took."""
    cost = max(target.median("generator_cpu_us") for target in targets)
    share = max(each.generator_share for target in targets for each in target.rounds)
    return (
        f"The load generator used up to {cost:.0f} µs of CPU a request, and {share:.0%} of a core a process."
    )


def rows(targets: Sequence[Target]) -> str:
    """Tell how many rows were counted."""
    counted = [each for each in targets if each.rows is not None]
    acknowledged = sum(each.acknowledged for each in counted)
    found = sum(each.rows or 0 for each in counted)
    return f"{acknowledged} requests that change something were acknowledged; {found} changes were found."


def problems(target: Target) -> list[str]:
    """Tell what was wrong: answers, or a row count."""
    wrong = [f"WRONG: {target}: {each.first_error}" for each in target.rounds if each.errors]
    if target.rows not in {None, target.acknowledged}:
        wrong.append(f"WRONG: {target}: {target.acknowledged} acknowledged, but {target.rows} rows")
    return wrong
