"""Plant faults, one at a time, and see the suite fail on each: `make mutants`.

The tree is copied, the copy must pass, then each fault is planted in a copy of its own. A fault counts as
found when a test fails by an assertion; an error on the way to it, or a test that is gone, is no proof.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import mutations
from tests.mutations import Mutation
from tests.mutations_of_ground import MUTATIONS_OF_GROUND
from tests.mutations_of_people import MUTATIONS_OF_PEOPLE

MUTATIONS = mutations.MUTATIONS + MUTATIONS_OF_PEOPLE + MUTATIONS_OF_GROUND
ROOT = Path(__file__).resolve().parents[1]
COPIED = ("app", "migrations", "tests", "pyproject.toml", "README.md", "wsgi.py")
AT_ONCE = os.cpu_count() or 1
LONGEST_SECONDS = 300


def main() -> int:
    """Run all faults and print what found each. Gives the exit code: 0 where every one was found."""
    with tempfile.TemporaryDirectory(prefix="rescind-mutants-") as folder:
        tests = tuple(dict.fromkeys(test for fault in MUTATIONS for test in fault.tests))
        failures, output = _run(_copy(Path(folder) / "unmutated"), tests)
        if failures or output.returncode:
            print(output.stdout, f"The tree does not pass as it is: {failures}", sep="\n")
            return 1
        print(f"passed without a fault: {len(tests)} tests")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            reports = list(pool.map(lambda fault: _try(fault, Path(folder)), MUTATIONS))
    survivors = reports.count(False)
    print(f"{len(MUTATIONS) - survivors} passed, {survivors} failed")
    return 1 if survivors else 0


def _try(fault: Mutation, folder: Path) -> bool:
    """Plant one fault and tell whether an assertion failed."""
    tree = _copy(folder / fault.name.replace(" ", "-"))
    for path, old, new in fault.changes:
        text = (tree / path).read_text()
        if text.count(old) != 1:
            print(f"NOT PLANTED  {fault.name}: {path} has {text.count(old)} times: {old}")
            return False
        (tree / path).write_text(text.replace(old, new))
    failures, output = _run(tree, fault.tests)
    shutil.rmtree(tree)
    asserted = [failure for failure in failures if "AssertionError" in failure or "assert " in failure]
    if asserted:
        print(f"found        {fault.name}: {asserted[0]}")
        return True
    print(f"SURVIVED     {fault.name}: {failures or output.stdout[-2000:]}")
    return False


def _copy(tree: Path) -> Path:
    tree.mkdir()
    for name in COPIED:
        source, target = ROOT / name, tree / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tree


def _run(tree: Path, tests: tuple[str, ...]) -> tuple[list[str], "subprocess.CompletedProcess[str]"]:
    """Run tests of a tree on SQLite; give each failure as `test: message`."""
    report = tree / "report.xml"
    # Only the plugins that are needed: to load them all takes longer than most of the tests.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", "-p", "pytest_timeout", "-n0"]
    command += [
        "-p",
        "no:cacheprovider",
        "-k",
        "not postgresql",
        f"--junitxml={report}",
        f"--basetemp={tree / 'tmp'}",
        *tests,
    ]
    # Servers that the tests start are to run the copy, not the tree that is installed.
    environment = {**os.environ, "PYTHONPATH": f"{tree / 'app'}{os.pathsep}{tree}"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    output = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    if not report.exists():
        return [], output
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed = [(case, failure) for case in cases for failure in case.findall("failure")]
    return [f"{case.get('name')}: {_first_line(failure)}" for case, failure in failed], output


def _first_line(failure: ElementTree.Element) -> str:
    return (failure.get("message") or "").strip().splitlines()[0][:200]


if __name__ == "__main__":
    sys.exit(main())
