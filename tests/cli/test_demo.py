"""`rescind demo` and `make demo`: the document that the product grew from, alive."""

import contextlib
import itertools
import json
import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.cli.shell import Shell
from tests.patience import LONG_SECONDS

TOKEN = "292896cf-5525-3551-b9e2-1787f1114924"
DOCUMENT = """\
curl --location --request POST 'https://api.asgardeo.io/t/bifrost/oauth2/revoke' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'token_type_hint=access_token' \\
--data-urlencode 'token=292896cf-5525-3551-b9e2-1787f1114924' \\
--data-urlencode 'client_id=Wsoq8t4nHW80gSnPfyDvRbiC__Ea'
"""


@pytest.fixture
def demo_shell(tmp_path: Path) -> Shell:
    """Give a shell with a folder of its own for what is temporary, and a setting that would stop a start."""
    (tmp_path / "temporary").mkdir()
    return Shell({"TMPDIR": str(tmp_path / "temporary"), "RESCIND_NO_SUCH_SETTING": "1"})


@dataclass
class Demo:
    """A demonstration that goes on serving."""

    process: "subprocess.Popen[bytes]"
    said: str

    @property
    def base_url(self) -> str:
        """Where it serves."""
        found = re.search(r"on (http://127\.0\.0\.1:[0-9]+)\.", self.said)
        assert found
        return found[1]

    def command(self, start: str) -> list[str]:
        """Give the words of the printed command that begins so."""
        text = self.said[self.said.index(start) :].split("\n\n")[0]
        return shlex.split(text.replace("\\\n", " "))


@pytest.fixture
def demo(demo_shell: Shell) -> Iterator[Demo]:
    """Give a demonstration that has shown everything and serves on."""
    with demo_shell.serving(
        "demo", "--keep-serving", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, b"")
        said = list(itertools.takewhile(lambda line: not line.startswith(b"Serving on."), lines))
        yield Demo(process, b"".join(said).decode())


def sent(command: list[str]) -> httpx.Response:
    """Send the request of a curl command."""
    fields = [command[at + 1].split("=", 1) for at, word in enumerate(command) if word == "--data-urlencode"]
    (url,) = (word for word in command if word.startswith("http://"))
    user = command[command.index("--user") + 1] if "--user" in command else ""
    auth = httpx.BasicAuth(*user.split(":", 1)) if user else None
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(
        url, content=urlencode([(name, value) for name, value in fields]), headers=form, auth=auth
    )


def test_once_shows_the_main_job_and_leaves_nothing(demo_shell: Shell, tmp_path: Path) -> None:
    outcome = demo_shell.run("demo", "--once")

    assert (outcome.code, outcome.err) == (0, "")
    answers = re.findall(r"   -> ([0-9]{3}) (.*)", outcome.out)
    assert [status for status, _ in answers] == ["200"] * 4
    assert json.loads(answers[1][1])["active"] is True
    assert answers[2][1] == "(no body)"
    assert json.loads(answers[3][1]) == {"active": False}
    assert "Held means that each of these four answers was what it has to be.\nheld: yes" in outcome.out
    assert "rescind demo --keep-serving" in outcome.out
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_command_of_the_document_ends_the_token_of_the_document_and_ctrl_c_the_demonstration(
    demo: Demo, tmp_path: Path
) -> None:
    before = sent(demo.command("curl --user")).json()

    reply = sent(demo.command("curl --location"))

    assert DOCUMENT.replace("https://api.asgardeo.io", demo.base_url) in demo.said
    assert r"\n" in demo.command("curl --user")
    assert (before["active"], before["client_id"]) == (True, "Wsoq8t4nHW80gSnPfyDvRbiC__Ea")
    assert (reply.status_code, reply.content) == (200, b"")
    assert sent(demo.command("curl --user")).json() == {"active": False}
    assert_it_ends_with_its_server_and_its_folder(demo, signal.SIGINT, tmp_path)


def assert_it_ends_with_its_server_and_its_folder(demo: Demo, number: signal.Signals, folder: Path) -> None:
    """Send a demonstration a signal: at the end of a test, as it takes seconds to start one."""
    demo.process.send_signal(number)

    # The output ends when the last process that could write to it has gone, and the server is one.
    rest, _ = demo.process.communicate(timeout=LONG_SECONDS)
    assert (demo.process.returncode, rest) == (0, b"")
    assert list((folder / "temporary").iterdir()) == []


@pytest.fixture
def port_8000_taken() -> Iterator[None]:
    """Take the port, where somebody else has not taken it already."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8000)))
        yield


@pytest.mark.usefixtures("port_8000_taken")
def test_without_a_terminal_it_ends_too_on_another_port_where_8000_is_taken_and_prints_only_json(
    demo_shell: Shell,
) -> None:
    outcome = demo_shell.run("demo", "--json")

    assert outcome.record["held"] is True
    assert not outcome.record["base_url"].endswith(":8000")
    assert "POST /t/bifrost/oauth2/revoke" in outcome.err


def test_make_demo_passes_its_arguments_on() -> None:
    tree = Path(__file__).parents[2]

    # Where the tests are run by make, this one would follow its flags and name its folder.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--dry-run", "demo", "ARGS=--once"]
    planned = subprocess.run(command, cwd=tree, env=plain, capture_output=True, text=True, check=True)

    assert planned.stdout.endswith("/rescind demo --once\n")
