"""Somebody who reads the documents: their shell lines, run as a reader would run them."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.typed import typed
from tests.documents import ROOT, Block, Document
from tests.patience import LONG_SECONDS
from tests.servers import free_port

HOST = "127.0.0.1:8000"

# Between the outputs of two blocks; no answer has this character.
_SEPARATOR = "\x1e"
_WAIT = """
import contextlib, socket, sys, time
host, port = sys.argv[1].split(":")
for _ in range(600):
    with contextlib.suppress(OSError):
        socket.create_connection((host, int(port))).close()
        sys.exit()
    time.sleep(0.1)
sys.exit("the server does not listen")
"""


@dataclass(frozen=True)
class Reader:
    """Somebody who types the lines of the documents, in a folder of their own.

    Attributes:
        environment: what the reader has set before.
        changes: texts of the documents that the reader replaces, as an address or a password.
        has_curl: False for a machine without it.
    """

    folder: Path
    environment: dict[str, str]
    changes: dict[str, str]
    has_curl: bool = True

    @classmethod
    def new(cls, folder: Path, changes: dict[str, str] | None = None, *, has_curl: bool = True) -> "Reader":
        """Make one whose server has a port of its own."""
        port = free_port()
        host = f"127.0.0.1:{port}"
        environment = {
            "RESCIND_PUBLIC_URL": f"http://{host}",
            "RESCIND_INSTANCE_PATH": str(folder / "instance"),
        }
        return cls(
            folder, environment, {HOST: host, "--port 8000": f"--port {port}", **(changes or {})}, has_curl
        )

    def types(self, blocks: list[Block]) -> list[str]:
        """Type the blocks one after another into one shell; give what each printed."""
        script = "\n".join(["set -eu", *(self._script(block) for block in blocks)])
        with typed() as programs:
            process = subprocess.Popen(
                ["sh", "-c", script],
                cwd=self.folder,
                env=self._environment(programs),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            try:
                output, errors = process.communicate(timeout=4 * LONG_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        log = self.folder / "server.log"
        assert process.returncode == 0, output + errors + (log.read_text() if log.exists() else "")
        printed = output.split(f"{_SEPARATOR}\n")[:-1]
        # Or the prompt of the reader's shell would stand behind the answer.
        assert [each for each in printed if each and not each.endswith("\n")] == []
        return printed

    def shown_and_printed(self, blocks: list[Block], *documents: Document) -> tuple[list[Any], list[Any]]:
        """Type the blocks; give the answers that are shown and, of what was printed, as much of the end."""
        outputs = dict(zip(blocks, self.types(blocks), strict=True))
        answers = {asked: answer for document in documents for asked, answer in document.answers().items()}
        shown, printed = [], []
        for block in blocks:
            if block not in answers:
                continue
            text, output = self.changed(answers[block].text), outputs[block]
            if answers[block].language == "json":
                shown.append(_essence(json.loads(text)))
                printed.append(_essence(json.loads(output.splitlines()[-1])))
            else:
                shown.append(text.splitlines())
                printed.append(output.splitlines()[-len(text.splitlines()) :])
        return shown, printed

    def changed(self, text: str) -> str:
        """Replace in a text what this reader replaces."""
        for old, new in self.changes.items():
            text = text.replace(old, new)
        return text

    def _script(self, block: Block) -> str:
        text = self.changed(block.text).rstrip("\n")
        if block.is_server:
            before, _, server = text.rpartition("\n")
            text = (
                f"( {before}\nexec {server} ) > server.log 2>&1 &\nserver=$!\n"
                "trap 'kill $server; wait $server || true' EXIT\n"
                f"python3 -c '{_WAIT}' {self.changes[HOST]}"
            )
        return f"{text}\nprintf '\\036\\n'"

    def _environment(self, programs: Path) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
        folders = [str(programs), str(Path(sys.executable).parent), plain["PATH"]]
        if not self.has_curl or shutil.which("curl") is None:
            folders.insert(0, str(self._put_curl()))
        # The package of this tree, wherever the installed one is.
        sources = str(ROOT / "app")
        return {**plain, "PATH": os.pathsep.join(folders), "PYTHONPATH": sources, **self.environment}

    def _put_curl(self) -> Path:
        program = self.folder / "programs" / "curl"
        program.parent.mkdir()
        source = (ROOT / "tests" / "curl.py").read_text(encoding="utf-8")
        program.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
        program.chmod(0o755)
        return program.parent


def _in_hours(name: str, value: Any) -> Any:
    """Give what a grant has left in hours: a second may pass between two commands."""
    return -(-value // 3600) if name in ("refresh_token_timeout", "authorization_expires_in") else value


def _essence(value: Any) -> Any:
    """Take out of an answer what differs each time: tokens and times."""
    if isinstance(value, dict):
        return {name: _essence(_in_hours(name, each)) for name, each in value.items()}
    if isinstance(value, int) and value > 1_000_000_000:
        return "a time"
    if isinstance(value, str) and value.startswith(("rat_", "rrt_")):
        return value[:4]
    return value
