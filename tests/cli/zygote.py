"""A process that has the command imported, and forks for each run of it.

Each run is a process of its own, as the installed script starts one, but without its half second of imports.
"""

import atexit
import contextlib
import functools
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

SOURCES = str(Path(__file__).parents[2] / "app")


class Zygote:
    """The process, seen from the tests."""

    def __init__(self) -> None:
        self._wire, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": SOURCES},
            )

    def run(
        self,
        arguments: Sequence[str | bytes],
        environment: Mapping[str, str],
        stdin: bytes | int,
        timeout: float,
    ) -> tuple[int, bytes, bytes]:
        """Run the command; gives its exit code and what it wrote to standard output and to standard error.

        Args:
            stdin: what standard input holds, or the descriptor that is it.
        """
        with contextlib.ExitStack() as files:
            read, written, complained = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            if isinstance(stdin, bytes):
                read.write(stdin)
                read.seek(0)
            given = read.fileno() if isinstance(stdin, bytes) else stdin
            request = {"arguments": [os.fsdecode(each) for each in arguments], "environment": environment}
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
def zygote() -> Zygote:
    """Give the one of this process, which ends with it."""
    started = Zygote()
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
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["rescind", *arguments]
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


if __name__ == "__main__":
    import click
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401 -- commands load them when they connect

    from rescind.cli import main
    from rescind.cli.main import cli

    # Each is imported when it is run, and the runs would all do it again.
    for each in cli.list_commands(click.Context(cli)):
        cli.get_command(click.Context(cli), each)

    # What is here for good is looked through by no collection: that would copy every page of it in each run.
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as served:
        _serve(served)
