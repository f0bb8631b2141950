"""Copies of the tree, each with a fault of its own or with none, and what came of the tests there."""

import atexit
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutations import Mutation
from tests.noticing import Noticing

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("app", "migrations", "tests", "pyproject.toml", "README.md", "wsgi.py", "gunicorn.conf.py")
# Only the plugins that are needed, and always the short form.
OPTIONS = ["-q", "-n0", "-p", "xdist.plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider"]
# It collects all garbage five times at the end, for what no test of a fault is about.
OPTIONS += ["-p", "no:unraisableexception"]


class Copy:
    """A copy of the tree.

    Args:
        rounds: what is run, and what is run then where that has noticed nothing.
        stores: the kinds of store on which the fault has to be noticed.
        fault: what is planted. Its nearest tests are in the first round, or in none.
    """

    def __init__(
        self,
        folder: Path,
        rounds: Sequence[Sequence[str]],
        stores: Sequence[str],
        fault: Mutation | None = None,
    ) -> None:
        self.fault = fault
        self.name = fault.name if fault else f"without a fault, on {' and '.join(stores)}"
        self._rounds = [list(each) for each in rounds]
        self._stores = stores
        self._noticed: dict[str, str] = {}
        self._others: list[str] = []
        self._code: int = pytest.ExitCode.OK
        self._tree = folder
        self._output = folder / "output"
        self._told = folder / "told.json"

    def make(self) -> str:
        """Copy the tree and plant the fault; gives why it can not be planted, else nothing."""
        self._tree.mkdir()
        for name in COPIED:
            source, target = ROOT / name, self._tree / name
            # What was compiled comes along: it is as good there, but for the module with the fault.
            shutil.copytree(source, target, copy_function=_link) if source.is_dir() else _link(source, target)
        misfit = self.fault.misfit(self._tree) if self.fault else ""
        if misfit:
            return misfit
        for path, old, new in self.fault.changes if self.fault else ():
            text = (self._tree / path).read_text()
            # Its own, and not the file that it shares with the tree.
            (self._tree / path).unlink()
            (self._tree / path).write_text(text.replace(old, new))
        return ""

    @property
    def _left(self) -> list[str]:
        """The stores on which the fault was not noticed yet."""
        return [store for store in self._stores if store not in self._noticed]

    def start(self) -> int:
        """Run the next tests in a process of their own; gives its number."""
        tests = self._rounds.pop(0)
        self._told.unlink(missing_ok=True)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            code = 1
            # What this process has registered is its own: the folder of all copies goes by it.
            atexit._clear()
            try:
                code = self._be_pytest(tests)
                # Servers that belong to its tests are stopped by these.
                atexit._run_exitfuncs()
            finally:
                os._exit(code)
        return pid

    def _be_pytest(self, tests: list[str]) -> int:
        os.chdir(self._tree)
        with self._output.open("ab") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        sys.path[:] = [each for each in sys.path if Path(each).resolve() != ROOT]
        # Servers that the tests start are to run the copy, not the tree that is installed.
        os.environ["PYTHONPATH"] = f"{self._tree / 'app'}{os.pathsep}{self._tree}"
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ.pop("TEST_EXTENT", None)
        if self.fault is not None and self.fault.is_in_migrations:
            # It needs stores that were made with it.
            os.environ.pop("TEST_STORES", None)
        nearest = self.fault.tests if self.fault is not None and not self._rounds else ()
        left_out = [f"--deselect={each}" for each in nearest]
        noticing = Noticing(self._left, self._told)
        options = [*OPTIONS, f"--basetemp={self._tree / 'tmp'}", *left_out, *tests]
        return int(pytest.main(options, plugins=[noticing]))

    def is_done(self, code: int) -> bool:
        """Take up what the tests told; gives whether that is enough, or there is nothing left to run."""
        self._code = code
        if self._told.exists():
            told = json.loads(self._told.read_text())
            self._noticed |= told["noticed"]
            self._others += told["others"]
        return not self._left or not self._rounds

    def told(self) -> bool:
        """Print what came of it, and remove the copy. Gives whether it is what was to come."""
        output = self._output.read_text(errors="replace")
        shutil.rmtree(self._tree)
        if self.fault is None:
            is_well = self._code == pytest.ExitCode.OK
            print(f"passed {self.name}" if is_well else output)
            return is_well
        for store, what in self._noticed.items():
            print(f"found        {self.name} [{store}]: {what}")
        if self._left:
            print(f"SURVIVED     {self.name} {self._left}: {self._others or output[-2000:]}")
        return not self._left


def _link(source: str | Path, target: str | Path) -> None:
    """Let a copy share a file with the tree, where both are on one disk; whoever writes makes a new one."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
