"""Processes of their own, forked from one that has the packages loaded, one thread and no connection.

What takes a process its first second, the imports, was done before. Everything else is as in any other one.
"""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from tests import hashes

_PR_SET_PDEATHSIG = 1
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["rescind.web.serving.gunicorn_settings", "gunicorn.app.wsgiapp", "psycopg", "tests.store.apart"]
)


def new_process(function: Callable[..., object], *arguments: Any) -> ForkServerProcess:
    """Make a process that calls a function of a module; it has yet to be started."""
    with pytest.MonkeyPatch.context() as patch:
        # It loads this tree's package, wherever the tests were started from.
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return CONTEXT.Process(target=function, args=arguments)


@dataclass(frozen=True)
class Master:
    """A gunicorn that was started: its master process."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self.process.pid is not None
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether it has not ended."""
        return self.process.is_alive()


@contextlib.contextmanager
def gunicorn_process(arguments: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Master]:
    """Run `gunicorn` with these arguments until the block ends.

    Args:
        environment: all of it.
        log: where everything that it prints goes.
    """
    process = new_process(_be_gunicorn, arguments, dict(environment), log)
    process.start()
    master = Master(process)
    try:
        yield master
    finally:
        # How it stops is tested where the command is; here nothing is left that one would wait for.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(master.pid, signal.SIGKILL)
        process.join()


def become(arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
    """Take over what makes a process a program's: arguments, environment, output, and a session."""
    os.setsid()
    # On Linux it ends with the process that it was forked from, and so with tests that are killed.
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    # Nothing else comes along; one of them would keep the process alive from which this one was forked.
    os.closerange(3, 1024)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments


def _be_gunicorn(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    become(["gunicorn", *arguments], environment, log)
    if hashes.CHEAP in environment:
        hashes.take()

    from gunicorn.app.wsgiapp import run

    run()  # type: ignore[no-untyped-call]
