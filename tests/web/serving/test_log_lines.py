"""All that a process of the server writes is one JSON object a line, and holds no secret."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gunicorn.errors import HaltServer

from rescind.web.serving import gunicorn_settings
from tests import stores
from tests.cli.shell import Shell
from tests.patience import LONG_SECONDS
from tests.servers import SECRET_KEY, gunicorn
from tests.web.serving.noisy import SECRET


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give what a worker wrote beside which others are noisy."""
    folder = tmp_path_factory.mktemp("noisy")
    environment = {
        "RESCIND_DATABASE_URL": stores.new_migrated_file(folder / "rescind.sqlite3"),
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
    }
    application = "tests.web.serving.noisy:create_app()"
    with gunicorn(folder / "log", environment, workers=1, application=application):
        pass
    return (folder / "log").read_text(encoding="utf-8")


def record(line: str) -> dict[str, Any]:
    """Read a line; one that is no JSON has nothing."""
    try:
        read: dict[str, Any] = json.loads(line)
    except ValueError:
        read = {"event": "", "level": "", "logger": ""}
    return read


def records(log: str) -> list[dict[str, Any]]:
    return [record(line) for line in log.splitlines()]


@pytest.mark.requirement("LOG-01")
def test_every_line_is_one_json_object_without_the_secret(log: str) -> None:
    assert [each for each in records(log) if not each["event"] or not each["level"]] == []
    assert SECRET not in log


@pytest.mark.parametrize(
    ("logger", "event"),
    [
        ("py.warnings", "UserWarning"),
        ("another.library", "password="),
        ("another.library", "it failed"),
        ("another.library", "a line of the log could not be written"),
        ("rescind.web.serving.log_lines", "the thread of another library died"),
        ("rescind.web.serving.log_lines", "an error where none can be raised"),
    ],
)
def test_what_others_say_is_there(log: str, logger: str, event: str) -> None:
    assert [each for each in records(log) if each["logger"] == logger and event in each["event"]]


def test_a_start_that_is_refused_says_its_sentence_and_no_traceback(tmp_path: Path) -> None:
    shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path), "RESCIND_AUDIT_DAYS": "0"})
    settings = ["-c", "python:rescind.web.serving.gunicorn_settings", "--bind", "127.0.0.1:0"]
    command = [sys.executable, "-m", "gunicorn", *settings, "rescind:create_app()"]

    done = subprocess.run(
        command, env=shell.environment, capture_output=True, text=True, timeout=LONG_SECONDS
    )

    assert done.returncode == 3
    assert "RESCIND_AUDIT_DAYS must be a whole number" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


class TwoThatRefuse:
    """gunicorn's master as it is where the second worker refuses to start while the first is halting all."""

    def __init__(self) -> None:
        self.left = 2

    def reap_workers(self) -> None:
        """Find one that has ended."""
        self.left -= 1
        raise HaltServer("Worker failed to boot.", 3)  # type: ignore[no-untyped-call]


def test_a_start_that_two_workers_refuse_ends_once() -> None:
    master = TwoThatRefuse()

    gunicorn_settings.on_starting(master)

    with pytest.raises(HaltServer):
        master.reap_workers()
    master.reap_workers()
    assert master.left == 0
