"""What a command prints: results on standard output, talk and errors on standard error."""

import datetime
import itertools
import json
from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console
from rich.table import Table

Record = dict[str, Any]

# A terminal breaks a long line, and what is copied or piped from there is whole; a table would cut its ids.
_ENDLESS_COLUMNS = 100_000
# As wide as the widest of so many rows.
_TABLE_ROWS = 500


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
        """Print a list of results; a table for people, and a sentence where there are none."""
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
        table = Table(*rows[0], box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(_readable(name, value) for name, value in row.items()))
        # A name may look like markup, and is none.
        console = Console(width=_ENDLESS_COLUMNS, markup=False, emoji=False, highlight=False)
        with console.capture() as printed:
            console.print(table)
        for line in printed.get().splitlines():
            click.echo(line.rstrip())


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
