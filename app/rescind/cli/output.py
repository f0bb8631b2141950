"""What a command prints: results on standard output, talk and errors on standard error."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

Record = dict[str, Any]


class Output:
    """The two streams. With `--json` a result is one JSON object a line, else something to read."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def record(self, record: Record) -> None:
        """Print one result."""
        if self.as_json:
            self._line(record)
            return
        for name, value in record.items():
            click.echo(f"{name}: {_readable(value)}")

    def records(self, records: Iterable[Record], empty: str) -> None:
        """Print a list of results; a table for people, and a sentence where there are none."""
        if self.as_json:
            for record in records:
                self._line(record)
            return
        rows = iter(records)
        first = next(rows, None)
        if first is None:
            self.say(empty)
            return
        table = Table(*first, box=None, pad_edge=False)
        for record in _chain(first, rows):
            table.add_row(*(_readable(value) for value in record.values()))
        Console(soft_wrap=True).print(table)

    def say(self, text: str) -> None:
        """Say something that is not the result."""
        click.echo(text, err=True)

    def show(self, text: str) -> None:
        """Print what is for people alone; with `--json` it is talk."""
        click.echo(text, err=self.as_json)

    def _line(self, record: Record) -> None:
        click.echo(json.dumps(record, ensure_ascii=False))


def _readable(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value) or "-"
    return "-" if value is None or value == "" else str(value)


def _chain(first: Record, rest: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rest
