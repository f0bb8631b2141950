"""What is shipped: the wheel with what it depends on, in an environment where there is nothing else."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from rescind.version import __version__
from tests.documents import MANUAL, ROOT
from tests.wheels import Environment

INSTANCE_FOLDERS = """
from flask import Flask
from rescind.starting import instance_path
print(instance_path(), Flask("rescind").instance_path)
"""


def run(*command: str, folder: Path) -> str:
    """Run a command in a folder, away from the checkout, and give what it printed."""
    plain = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_the_wheel_works_in_an_environment_of_its_own(wheel_environment: Environment, tmp_path: Path) -> None:
    python, rescind = wheel_environment.program("python"), wheel_environment.program("rescind")

    version = run(rescind, "--version", folder=tmp_path)

    assert version == f"rescind, version {__version__}\n"
    assert "to: " in run(rescind, "db", "upgrade", folder=tmp_path)
    assert "held: yes" in run(rescind, "demo", "--once", folder=tmp_path)
    run(python, "-c", "from rescind import Rescind, create_app", folder=tmp_path)
    folders = run(python, "-c", INSTANCE_FOLDERS, folder=tmp_path).split()
    assert folders == [f"{wheel_environment.folder}/var/rescind-instance"] * 2


@pytest.mark.timeout(300)
def test_the_wheel_has_every_page_of_the_manual(wheel_environment: Environment, tmp_path: Path) -> None:
    rescind = wheel_environment.program("rescind")

    listed = run(rescind, "manual", folder=tmp_path).splitlines()[1:]

    assert [line.split()[0] for line in listed] == list(MANUAL)
    assert run(rescind, "manual", "endpoints", folder=tmp_path) == MANUAL["endpoints"].text


def normal(name: str) -> str:
    """Write the name of a distribution as all of its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_all_that_a_server_depends_on_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["server"], *extras["postgres"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    names = {normal(re.split(r"[\[<>=!~; ]", each, maxsplit=1)[0]) for each in wanted}
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", lock, re.MULTILINE)}

    assert len(names) > 10
    assert sorted(names - locked) == []
