"""The wheel, installed with what it is locked to in an environment where there is nothing else."""

import fcntl
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

TREE = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
SCRIPT = "#!{python}\nimport sys\nfrom {module} import {attr}\nsys.exit({attr}())\n"


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    def program(self, name: str) -> str:
        """Give the path of a program that is installed in it."""
        return str(self.folder / "bin" / name)

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        base = str(self.folder)
        return Path(sysconfig.get_path("purelib", vars={"base": base, "platbase": base}))

    def pip_install(self, *arguments: str | Path) -> None:
        """Install into it, with the pip of this environment."""
        command = [*PIP, "--python", self.program("python"), "install", *map(str, arguments)]
        subprocess.run(command, check=True)

    def take_programs(self, distribution: metadata.Distribution) -> None:
        """Write the programs of a distribution."""
        for entry in distribution.entry_points.select(group="console_scripts"):
            path = Path(self.program(entry.name))
            path.write_text(
                SCRIPT.format(python=self.program("python"), module=entry.module, attr=entry.attr)
            )
            path.chmod(0o755)


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
            for requirement in locked("requirements.lock"):
                environment.take_programs(link(requirement, environment.packages))
            environment.pip_install("--no-deps", "--no-index", _build(shared / "wheel" / "built"))
    return environment


def locked(name: str) -> list[Requirement]:
    """List what a lock file names for this machine."""
    lines = (TREE / name).read_text(encoding="utf-8").splitlines()
    named = [Requirement(line.removesuffix("\\")) for line in lines if line[:1].isalnum()]
    return [each for each in named if each.marker is None or each.marker.evaluate()]


def link(requirement: Requirement, folder: Path) -> metadata.Distribution:
    """Put into a folder what this environment has of a distribution, and see that it is the one locked.

    `make` has installed it here by its digests: to unpack and compile all of it again would take longer than
    what is tried with it.
    """
    found = metadata.distribution(requirement.name)
    assert requirement.specifier.contains(found.version), f"{found.name} {found.version}, not {requirement}"
    for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        (folder / name).symlink_to(Path(str(found.locate_file(name))))
    return found


def _build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=TREE, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
