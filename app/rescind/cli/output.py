"""What a command prints: results on standard output, talk and errors on standard error."""

import datetime
import itertools
import json
import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click
from rich.cells import cell_len

Record = dict[str, Any]

# As wide as the widest of so many rows.
_TABLE_ROWS = 500
_BETWEEN = "  "


class Output:
    """The two streams. With `--json` a result is one JSON object a line, else something to read."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def record(self, record: Record) -> None:
        """Print one result."""
        if self.as_json:
            click.echo(json.dumps(record))
            return
        for name, value in record.items():
            click.echo(f"{name}: {_readable(name, value)}")

    def series(self, records: Iterable[Record]) -> None:
        """Print results as they come, for people with an empty line between two."""
        for at, record in enumerate(records):
            if at and not self.as_json:
                click.echo()
            self.record(record)

    def records(self, records: Iterable[Record], empty: str) -> None:
        """Print a list of results; for people a table, or a list where that is too wide, or a sentence."""
        if self.as_json:
            for record in records:
                self.record(record)
            return
        # Of very many it is not waited for the last.
        rest = iter(records)
        rows = list(itertools.islice(rest, _TABLE_ROWS))
        if not rows:
            self.say(empty)
        while rows:
            self._table(rows)
            rows = list(itertools.islice(rest, _TABLE_ROWS))
            if rows:
                click.echo()

    def say(self, text: str) -> None:
        """Say something that is not the result."""
        click.echo(text, err=True)

    def show(self, text: str) -> None:
        """Print what is for people alone; with `--json` it is talk."""
        click.echo(text, err=self.as_json)

    def _table(self, rows: list[Record]) -> None:
        lines = [[_readable(name, value) for name, value in row.items()] for row in rows]
        lines.insert(0, list(rows[0]))
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        if _is_too_wide(sum(widths) + len(_BETWEEN) * (len(widths) - 1)):
            self.series(rows)
            return
        for line in lines:
            padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
            click.echo(_BETWEEN.join(padded).rstrip())


def _is_too_wide(width: int) -> bool:
    """Tell whether a terminal would break the lines of a table. What is piped is as wide as it is."""
    return sys.stdout.isatty() and width > shutil.get_terminal_size().columns


def _readable(name: str, value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    if name == "at" or name.endswith(("_at", "_time", "_from", "_until")):
        return f"{datetime.datetime.fromtimestamp(value, datetime.UTC):%Y-%m-%d %H:%M:%SZ}"
    return str(value)
