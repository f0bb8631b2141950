"""The `rescind` command as an operator has it, in a process of its own."""

import contextlib
import getpass
import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.zygote import SOURCES, zygote
from tests.patience import LONG_SECONDS

# For what the kind of store makes no difference to: a process a test is slow enough.
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

# Who acts, as event rows name whoever runs these tests.
ACTOR = f"cli:{getpass.getuser()}:{os.getuid()}"

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "rescind")


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Standard error without the line by which a command says where it works, if that is the first."""
        first, _, rest = self.err.partition("\n")
        return rest if first.startswith("The store is ") else self.err

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON object on standard output, of a command that did what it was asked."""
        (record,) = self.records
        return record

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output, one a line, of a command that did what it was asked."""
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Shell:
    """An environment to type commands in: all `RESCIND_` settings are the ones given here."""

    settings: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command: with this tree's own package, wherever the script came from."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
        return {**plain, "PYTHONPATH": SOURCES, **self.settings}

    def run(self, *arguments: str | bytes, stdin: bytes | int = b"") -> Outcome:
        """Run a command to its end."""
        code, out, err = zygote().run(arguments, self.environment, stdin, LONG_SECONDS)
        return Outcome(code, out.decode(), err.decode())

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start the installed script; options as `subprocess.Popen` takes them."""
        return subprocess.Popen([SCRIPT, *arguments], env=self.environment, **options)

    @contextlib.contextmanager
    def serving(self, *arguments: str, **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
        """Start a command that runs until it is told to stop, and tell it so at the end."""
        with self.start(*arguments, **options) as process:
            try:
                yield process
            finally:
                process.terminate()
