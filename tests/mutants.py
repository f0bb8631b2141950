"""Plant faults, one at a time, and see the suite fail on each: `make mutants`.

The tree is copied, the copy must pass, then each fault is planted in a copy of its own. A fault counts as
found when a test fails by an assertion; an error on the way to it, or a test that is gone, is no proof.

Every copy is tested by a process that is forked from this one, which has loaded what others wrote: to load
that takes longer than most of the tests. Of the tree itself nothing is loaded before.
"""

import atexit
import gc
import importlib
import os
import shutil
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests import mutations
from tests.mutations import Mutation
from tests.mutations_of_connections import MUTATIONS_OF_CONNECTIONS
from tests.mutations_of_ground import MUTATIONS_OF_GROUND
from tests.mutations_of_logouts import MUTATIONS_OF_LOGOUTS
from tests.mutations_of_people import MUTATIONS_OF_PEOPLE
from tests.mutations_of_purging import MUTATIONS_OF_PURGING
from tests.mutations_of_sign_in import MUTATIONS_OF_SIGN_IN
from tests.mutations_of_upgrades import MUTATIONS_OF_UPGRADES

MUTATIONS = (
    *mutations.MUTATIONS,
    *MUTATIONS_OF_PEOPLE,
    *MUTATIONS_OF_SIGN_IN,
    *MUTATIONS_OF_GROUND,
    *MUTATIONS_OF_PURGING,
    *MUTATIONS_OF_LOGOUTS,
    *MUTATIONS_OF_CONNECTIONS,
    *MUTATIONS_OF_UPGRADES,
)
ROOT = Path(__file__).resolve().parents[1]
COPIED = ("app", "migrations", "tests", "pyproject.toml", "README.md", "wsgi.py")
AT_ONCE = os.cpu_count() or 1
PACKAGES = (
    *("alembic.autogenerate", "alembic.command", "argon2", "authlib.integrations.flask_oauth2"),
    *("cryptography.x509", "flask_sqlalchemy", "httpx", "hypothesis", "joserfc.jwt"),
    *("playwright.sync_api", "psycopg", "rich.progress"),
    *("sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"),
    *("sqlalchemy.ext.compiler", "sqlalchemy.orm", "sqlglot"),
    *("sqlglot.dialects.postgres", "sqlglot.dialects.sqlite", "structlog", "time_machine", "yaml"),
)
# Only the plugins that are needed, only on SQLite, and always the short form.
OPTIONS = ["-q", "-n0", "-p", "xdist.plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider"]
OPTIONS += ["-k", "not postgresql"]


class Copy:
    """A copy of the tree, and what came of the tests there."""

    def __init__(self, folder: Path, tests: Iterable[str], fault: Mutation | None = None) -> None:
        self.fault = fault
        self._tests = tuple(tests)
        self._tree = folder
        self._output = folder / "output"
        self._report = folder / "report.xml"

    def make(self) -> str:
        """Copy the tree and plant the fault; gives why it can not be planted, else nothing."""
        self._tree.mkdir()
        for name in COPIED:
            source, target = ROOT / name, self._tree / name
            # What was compiled comes along: it is as good there, but for the module with the fault.
            shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
        for path, old, new in self.fault.changes if self.fault else ():
            if not (self._tree / path).exists():
                return f"{path} is not there"
            text = (self._tree / path).read_text()
            if text.count(old) != 1:
                return f"{path} has {text.count(old)} times: {old}"
            (self._tree / path).write_text(text.replace(old, new))
        return ""

    def start(self) -> int:
        """Run the tests in a process of their own; gives its number."""
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            # What this process has registered is its own: the folder of all copies goes by it.
            atexit._clear()
            try:
                code = self._be_pytest()
                # Servers that belong to its tests are stopped by these.
                atexit._run_exitfuncs()
            finally:
                os._exit(code)
        return pid

    def _be_pytest(self) -> int:
        os.chdir(self._tree)
        with self._output.open("wb") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        sys.path[:] = [each for each in sys.path if Path(each).resolve() != ROOT]
        # Servers that the tests start are to run the copy, not the tree that is installed.
        os.environ["PYTHONPATH"] = f"{self._tree / 'app'}{os.pathsep}{self._tree}"
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("TEST_EXTENT", None)
        return pytest.main(
            [*OPTIONS, f"--junitxml={self._report}", f"--basetemp={self._tree / 'tmp'}", *self._tests]
        )

    def told(self, code: int) -> bool:
        """Print what the tests told, and remove the copy. Gives whether it is what was to be told."""
        failures = list(self._failures())
        output = self._output.read_text(errors="replace")
        shutil.rmtree(self._tree)
        if self.fault is None:
            is_well = code == 0 and not failures
            print(f"passed without a fault: {len(self._tests)} tests" if is_well else output)
            return is_well
        asserted = [failure for failure in failures if "AssertionError" in failure or "assert " in failure]
        if asserted:
            print(f"found        {self.fault.name}: {asserted[0]}")
        else:
            print(f"SURVIVED     {self.fault.name}: {failures or output[-2000:]}")
        return bool(asserted)

    def _failures(self) -> Iterator[str]:
        """Give each failure as `test: message`."""
        if self._report.exists():
            for case in ElementTree.parse(self._report).getroot().iter("testcase"):
                for failure in case.findall("failure"):
                    yield f"{case.get('name')}: {_first_line(failure)}"


def main() -> int:
    """Run all faults and print what found each. Gives the exit code: 0 where every one was found."""
    for package in PACKAGES:
        importlib.import_module(package)
    # Looked through by no collection, which would copy every page of it in each process.
    gc.freeze()
    # No TemporaryDirectory: each process that is forked would remove it when it ends.
    folder = Path(tempfile.mkdtemp(prefix="rescind-mutants-"))
    try:
        tests = dict.fromkeys(test for fault in MUTATIONS for test in fault.tests)
        copies = [Copy(folder / "unmutated", tests)]
        for fault in MUTATIONS:
            copies.append(Copy(folder / fault.name.replace(" ", "-"), fault.tests, fault))
        results = list(_run(copies))
    finally:
        shutil.rmtree(folder)
    survivors = sum(not is_well for copy, is_well in results if copy.fault)
    print(f"{len(MUTATIONS) - survivors} passed, {survivors} failed")
    return 0 if all(is_well for _, is_well in results) else 1


def _run(copies: list[Copy]) -> Iterator[tuple[Copy, bool]]:
    """Test the copies, some at once; gives of each whether it told what it was to tell."""
    running: dict[int, Copy] = {}
    for copy in copies:
        fault = copy.make()
        if fault:
            print(f"NOT PLANTED  {copy.fault.name if copy.fault else ''}: {fault}")
            yield copy, False
            continue
        running[copy.start()] = copy
        if len(running) == AT_ONCE:
            yield _next(running)
    while running:
        yield _next(running)


def _next(running: dict[int, Copy]) -> tuple[Copy, bool]:
    """Wait for the first that ends."""
    pid, status = os.wait()
    copy = running.pop(pid)
    return copy, copy.told(os.waitstatus_to_exitcode(status))


def _first_line(failure: ElementTree.Element) -> str:
    return (failure.get("message") or "").strip().splitlines()[0][:200]


if __name__ == "__main__":
    sys.exit(main())
