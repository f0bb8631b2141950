"""The wheel, installed with what it is locked to in an environment where there is nothing else."""

import fcntl
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    def program(self, name: str) -> str:
        """Give the path of a program that is installed in it."""
        return str(self.folder / "bin" / name)

    def pip_install(self, *arguments: str | Path) -> None:
        """Install into it, with the pip of this environment."""
        command = [*PIP, "--python", self.program("python"), "install", *map(str, arguments)]
        subprocess.run(command, check=True)


def with_the_wheel(shared: Path) -> Environment:
    """Give the environment with the wheel; the first process of a run that asks for it makes it.

    Args:
        shared: a folder that the processes of this run share.
    """
    environment = Environment(shared / "wheel" / "environment")
    environment.folder.parent.mkdir(exist_ok=True)
    with (shared / "wheel" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(environment.program("rescind")):
            venv.create(environment.folder, with_pip=False)
            # What is used is compiled by its first user; the rest need not be.
            environment.pip_install("--no-compile", "--require-hashes", "-r", TREE / "requirements.lock")
            environment.pip_install("--no-deps", "--no-index", _build(shared / "wheel" / "built"))
    return environment


def _build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=TREE, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
