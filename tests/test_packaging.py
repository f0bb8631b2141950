"""What is shipped: the wheel with what it depends on, in an environment where there is nothing else."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from rescind.version import __version__

TREE = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, away from the checkout, and give what it printed."""
    plain = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_the_wheel_works_in_an_environment_of_its_own(tmp_path: Path) -> None:
    built, elsewhere, environment = tmp_path / "built", tmp_path / "elsewhere", tmp_path / "environment"
    elsewhere.mkdir()
    venv.create(environment, with_pip=False)
    python, rescind = environment / "bin" / "python", environment / "bin" / "rescind"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=TREE, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    install = [*PIP, "--python", str(python), "install"]
    subprocess.run([*install, "--require-hashes", "-r", str(TREE / "requirements.lock")], check=True)
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)

    version = run(rescind, "--version", folder=elsewhere)

    assert version == f"rescind, version {__version__}\n"
    assert "to: " in run(rescind, "db", "upgrade", folder=elsewhere)
    assert "held: yes" in run(rescind, "demo", "--once", folder=elsewhere)
    run(python, "-c", "from rescind import Rescind, create_app", folder=elsewhere)
