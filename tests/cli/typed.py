"""`rescind` and `flask` as they are typed into a shell, without the half second that it takes to import them.

Each program hands what it was given to the process of the tests, which has it run by the zygote. What serves
until it is told to stop is the installed script itself.
"""

import contextlib
import json
import os
import socket
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.cli.zygote import PROGRAMS, zygote
from tests.patience import LONG_SECONDS

_SCRIPTS = f"{sysconfig.get_path('scripts')}{os.sep}"
_PROGRAM = """#!{python} -IS
import json, os, socket, sys
script, *arguments = sys.argv
name = os.path.basename(script)
if {{"demo", "run", "serve"}} & {{*arguments}}:
    os.execv({scripts!r} + name, [name, *arguments])
request = {{"program": name, "arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}}
message = json.dumps(request).encode() + b"\\n"
with socket.socket(socket.AF_UNIX) as wire:
    wire.connect({address!r})
    socket.send_fds(wire, [message[:1]], [0, 1, 2])
    wire.sendall(message[1:])
    sys.exit(int(wire.makefile().readline()))
"""


@contextlib.contextmanager
def typed() -> Iterator[Path]:
    """Give a folder with the programs in it, to be on the PATH of a shell."""
    # Of a short name, as the address of a socket has few characters.
    with tempfile.TemporaryDirectory() as made, socket.socket(socket.AF_UNIX) as listener:
        folder, address = Path(made), f"{made}/wire"
        listener.bind(address)
        listener.listen()
        for name in PROGRAMS:
            program = folder / name
            program.write_text(_PROGRAM.format(python=sys.executable, scripts=_SCRIPTS, address=address))
            program.chmod(0o755)
        thread = threading.Thread(target=_serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield folder
        finally:
            # Whoever waits for the next command is woken.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket) -> None:
    while True:
        try:
            wire, _ = listener.accept()
        except OSError:
            return
        with wire:
            _run(wire)


def _run(wire: socket.socket) -> None:
    first, descriptors, _, _ = socket.recv_fds(wire, 1, 3)
    request = json.loads(first + wire.makefile("rb").readline())
    arguments, environment = request["arguments"], request["environment"]
    code, *written = zygote(request["program"]).run(
        arguments, environment, descriptors[0], LONG_SECONDS, request["folder"]
    )
    for descriptor, text in zip(descriptors[1:], written, strict=True):
        with open(descriptor, "wb", closefd=False) as stream:
            stream.write(text)
    for each in descriptors:
        os.close(each)
    wire.sendall(b"%d\n" % code)
