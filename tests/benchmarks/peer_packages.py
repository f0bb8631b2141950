"""The environment of the peers: in build/peers, made by the first benchmark that needs it.

Their packages are no part of the environment of the tests. Versions are exact, and digests are checked.
"""

import contextlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from tests import node_packages

PROGRAMS = node_packages.PEERS
_FOLDER = Path(__file__).parents[2] / "build" / "peers"
_NODE = _FOLDER / "node"
_REQUIREMENTS = PROGRAMS / "requirements.txt"
_NODE_LOCK = PROGRAMS / "package-lock.json"


def python() -> Path:
    """Give the Python that has the packages of the peers; installs them where that was not done."""
    environment = _FOLDER / "python"
    executable = environment / "bin" / "python"
    with _unless_done(environment, _REQUIREMENTS) as is_due:
        if is_due:
            # Without pip: Debian's python3 has no ensurepip. The one that runs fills the environment.
            venv.create(environment, clear=True)
            pip = [sys.executable, "-m", "pip", "--python", str(executable), "--disable-pip-version-check"]
            options = ["--no-input", "--quiet", "--require-hashes", "-r", str(_REQUIREMENTS)]
            subprocess.run([*pip, "install", *options], check=True)
    return executable


def node_program(name: str) -> Path:
    """Give a program for Node, in a folder that has its packages; installs them where that was not done."""
    with _unless_done(_NODE, _NODE_LOCK) as is_due:
        if is_due:
            shutil.rmtree(_NODE, ignore_errors=True)
            _NODE.mkdir(parents=True)
            for each in (PROGRAMS / "package.json", _NODE_LOCK):
                shutil.copy(each, _NODE)
            node_packages.npm(_NODE, "ci")
    # Node looks for packages beside the program.
    for program in PROGRAMS.glob("*.mjs"):
        shutil.copy(program, _NODE)
    return _NODE / name


@contextlib.contextmanager
def _unless_done(folder: Path, lock: Path) -> Iterator[bool]:
    """Tell whether a folder is yet to be filled as a lock file says; once the block has ended, it is."""
    done = folder / "installed"
    is_due = not done.exists() or done.read_bytes() != lock.read_bytes()
    if is_due:
        print(f"installing what {lock.name} of the peers names, into {folder}", file=sys.stderr)
    yield is_due
    if is_due:
        done.write_bytes(lock.read_bytes())
