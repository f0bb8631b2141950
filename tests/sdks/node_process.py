"""A client in Node, which takes its orders from standard input."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import node_packages
from tests.sdks.sdks import FOLDER, SdkError


@dataclass
class NodeProcess:
    """One that runs, in its folder."""

    folder: Path
    process: "subprocess.Popen[str]"

    def order(self, step: str, value: str | None = None) -> Any:
        """Have it do a step.

        Raises:
            SdkError: the client gave up.
        """
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"step": step, "value": value}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, (self.folder / "errors").read_text()
        told = json.loads(answer)
        if "failed" in told:
            raise SdkError(told["failed"])
        return told["done"]


@contextmanager
def started(script: str, given: str, folder: Path) -> Iterator[NodeProcess]:
    """Start a script in a folder that has the packages, as an app's own folder has."""
    for each in (FOLDER / "scripts").iterdir():
        (folder / each.name).write_bytes(each.read_bytes())
    (folder / "node_modules").symlink_to(node_packages.MODULES)
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            [node_packages.node(), folder / script, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield NodeProcess(folder, process)
        finally:
            process.kill()
