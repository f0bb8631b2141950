"""The README as data: blocks and tables by section; and its shell lines, run as a reader would run them."""

import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
HOST = "127.0.0.1:8000"

_SERVERS = ("rescind serve", "gunicorn ", "flask --app app run")
# Between the outputs of two blocks; no answer has this character.
_SEPARATOR = "\x1e"
_WAIT = """
import contextlib, socket, sys, time
host, port = sys.argv[1].split(":")
for _ in range(300):
    with contextlib.suppress(OSError):
        socket.create_connection((host, int(port))).close()
        sys.exit()
    time.sleep(0.1)
sys.exit("the server does not listen")
"""


@dataclass(frozen=True)
class Block:
    """A block of code: the heading that it stands under, its language and its text."""

    section: str
    language: str
    text: str

    @property
    def is_server(self) -> bool:
        """Tell whether it starts a server, for which a reader takes another terminal."""
        return self.text.splitlines()[-1].startswith(_SERVERS)


def blocks(*languages: str) -> list[Block]:
    """Give the blocks of these languages, in the order of the document."""
    found = []
    for section in re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            found.append(Block(title, language, text))
    return [block for block in found if block.language in languages]


def shell(*sections: str) -> list[Block]:
    """Give the shell blocks of these sections, in the order of the document."""
    return [block for block in blocks("sh") if block.section in sections]


def answers(*sections: str) -> dict[Block, Block]:
    """Give the answer that the README shows under a shell block, by that block."""
    shown = blocks("sh", "json", "text")
    pairs = itertools.pairwise(shown)
    return {
        asked: answer
        for asked, answer in pairs
        if asked.section in sections and asked.language == "sh" and answer.language != "sh"
    }


def table(section: str) -> list[list[str]]:
    """Give the rows of a section's first table, without its head."""
    body = re.split(rf"^#{{2,3}} {re.escape(section)}$", TEXT, flags=re.MULTILINE)[1]
    body = re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0]
    lines = re.search(r"(?:^\|.*\n)+", body, re.MULTILINE)
    assert lines, f"the section {section} has no table"
    return [[cell.strip() for cell in line.strip("| \n").split(" | ")] for line in lines[0].splitlines()[2:]]


@dataclass(frozen=True)
class Reader:
    """Somebody who types the README's lines, in a folder of their own.

    Attributes:
        environment: what the reader has set before.
        changes: texts of the README that the reader replaces, as an address or a password.
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

    def types(self, typed: list[Block]) -> list[str]:
        """Type the blocks one after another into one shell; give what each printed."""
        script = "\n".join(["set -eu", *(self._script(block) for block in typed)])
        process = subprocess.Popen(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=110)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        log = self.folder / "server.log"
        assert process.returncode == 0, output + errors + (log.read_text() if log.exists() else "")
        return output.split(f"{_SEPARATOR}\n")[:-1]

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

    def _environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
        folders = [str(Path(sys.executable).parent), plain["PATH"]]
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
