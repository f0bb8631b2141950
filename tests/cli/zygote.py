"""A process that has a command imported, and forks for each run of it.

Each run is a process of its own, as the installed script starts one, but without its half second of imports.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).parents[2]
SOURCES = str(ROOT / "app")
# What it can run.
PROGRAMS = ("rescind", "flask")


class Zygote:
    """The process, seen from the tests."""

    def __init__(self, program: str) -> None:
        self._wire, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, program, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": f"{SOURCES}{os.pathsep}{ROOT}"},
            )

    def run(
        self,
        arguments: Sequence[str | bytes],
        environment: Mapping[str, str],
        stdin: bytes | int,
        timeout: float,
        folder: str | None = None,
    ) -> tuple[int, bytes, bytes]:
        """Run the command; gives its exit code and what it wrote to standard output and to standard error.

        Args:
            stdin: what standard input holds, or the descriptor that is it.
            folder: where it is run, if not where the tests are.
        """
        with contextlib.ExitStack() as files:
            read, written, complained = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            if isinstance(stdin, bytes):
                read.write(stdin)
                read.seek(0)
            given = read.fileno() if isinstance(stdin, bytes) else stdin
            request = {
                "arguments": [os.fsdecode(each) for each in arguments],
                "environment": environment,
                "folder": folder or os.getcwd(),
            }
            message = json.dumps(request).encode() + b"\n"
            self._wire.settimeout(timeout)
            socket.send_fds(self._wire, [message[:1]], [given, written.fileno(), complained.fileno()])
            self._wire.sendall(message[1:])
            code = int(_line(self._wire))
            return code, _written(written), _written(complained)

    def end(self) -> None:
        """Let it end."""
        self._wire.close()
        self._process.wait()


@functools.cache
def zygote(program: str = "rescind") -> Zygote:
    """Give the one of this process for one of `PROGRAMS`, which ends with it."""
    started = Zygote(program)
    atexit.register(started.end)
    return started


def _written(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def _line(wire: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        piece = wire.recv(65536)
        if not piece:
            raise EOFError
        received += piece
    return received


def _serve(wire: socket.socket) -> None:
    while True:
        first, descriptors, _, _ = socket.recv_fds(wire, 1, 3)
        if not first:
            return
        request = json.loads(first + _line(wire))
        child = os.fork()
        if child == 0:
            wire.close()
            _become(request, descriptors)
        for each in descriptors:
            os.close(each)
        _, status = os.waitpid(child, 0)
        wire.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(request: dict[str, object], descriptors: list[int]) -> NoReturn:
    """Be the command, from its arguments and environment to its end."""
    arguments, environment = request["arguments"], request["environment"]
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    for standard, each in enumerate(descriptors):
        os.dup2(each, standard)
        os.close(each)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [sys.argv[1], *arguments]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    # An interpreter that ends takes apart everything that it has, which takes longer than most commands.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _loaded(program: str) -> Callable[[], object]:
    """Import a program and what its commands would import, and give what runs it."""
    import click

    from rescind.cli import main
    from rescind.cli.main import cli

    # Each is imported when it is run, and the runs would all do it again.
    for each in cli.list_commands(click.Context(cli)):
        cli.get_command(click.Context(cli), each)
    if program == "rescind":
        return main
    import flask.cli

    # What the applications that it runs import.
    for name in ("flask_migrate", "flask_sqlalchemy", "rescind.web.extension"):
        importlib.import_module(name)
    return flask.cli.main


if __name__ == "__main__":
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401 -- commands load them when they connect

    from tests import hashes

    hashes.take()
    main = _loaded(sys.argv[1])

    # What is here for good is looked through by no collection: that would copy every page of it in each run.
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[2])) as served:
        _serve(served)
