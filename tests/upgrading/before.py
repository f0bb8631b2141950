"""The version of the product before this one, on the same store.

The wheel beside this file is that version as it was built of the last commit whose newest migration is 0004:

    git archive aa5da9b04c25668638aadb1c899e46af8cd87765 | tar x -C before
    cd before && python -m hatchling build -t wheel

It is unpacked and run with the packages of this environment; neither git nor a network is needed.
"""

import contextlib
import functools
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import CALLBACK, VERIFIER, free_port, running

WHEEL = Path(__file__).with_name("rescind-0.1.0-py3-none-any.whl")

# One process that runs all that is asked of it: to start it costs more than most commands. What its pages do
# for people is done by its own domain.
_RUN = """
import contextlib, io, json, sys
from rescind.cli import main
from rescind.domain import codes, pkce, sessions, tenants
from rescind.domain import clients
from rescind.domain.authority import Authority
from rescind.domain.epochs import Epochs
from rescind.domain.issuing import Authorization
from rescind.store import revocations
from rescind.web.application import load_settings

def make(tenant_name, client_id, subject, count, callback, verifier):
    authority = Authority.open(load_settings())
    tenant = tenants.get(authority, tenant_name)
    client = clients.get(authority, tenant, client_id)
    with authority.store.reading() as tx:
        subject_epoch = revocations.subject_epoch(tx, tenant.id, subject)
    for _ in range(int(count)):
        sid, _ = sessions.open_session(
            authority, tenant, subject, subject_epoch=subject_epoch, lifetime_seconds=3600
        )
        authorization = Authorization(
            tenant_id=tenant.id,
            client_id=client_id,
            epochs=Epochs.carried_by(tenant, client, subject_epoch),
            scope=(),
            subject=subject,
            session_sid=sid,
            is_refreshable=True,
        )
        code = codes.mint(
            authority, authorization, redirect_uri=callback, code_challenge=pkce.challenge_of(verifier)
        )
        print(json.dumps({"sid": sid, "code": code}))
    authority.store.dispose()

for line in sys.stdin:
    kind, *arguments = json.loads(line)
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            sys.argv[1:] = arguments
            make(*arguments) if kind == "make" else main()
        except SystemExit as end:
            status = end.code or 0
    print(json.dumps([status, out.getvalue(), err.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Before:
    """That version, unpacked, with the settings that it shares with this one.

    Its process starts when something is asked of it.
    """

    folder: Path
    settings: dict[str, str]
    _running: contextlib.ExitStack

    @classmethod
    @contextlib.contextmanager
    def at(cls, folder: Path, settings: dict[str, str]) -> Iterator["Before"]:
        """Give the version that lies in a folder."""
        with contextlib.ExitStack() as running:
            yield cls(folder, settings, running)

    @functools.cached_property
    def _process(self) -> "subprocess.Popen[str]":
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN],
            env={**plain, "PYTHONPATH": str(self.folder), **self.settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running.enter_context(process)
        self._running.callback(process.communicate)
        return process

    def rescind(self, *arguments: str) -> list[dict[str, Any]]:
        """Run one of its commands, and give what it says, as `--json` has it."""
        return self._run("rescind", *arguments, "--json")

    def make(self, tenant: str, client_id: str, subject: str, *, count: int = 1) -> list[dict[str, str]]:
        """Sign a subject in and give a client a code in each session: the `sid` and the `code` of each."""
        return self._run("make", tenant, client_id, subject, str(count), CALLBACK, VERIFIER)

    @contextlib.contextmanager
    def serving(self, log: Path, *, workers: int = 1) -> Iterator[str]:
        """Run its server, and give where."""
        port = free_port()
        base_url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "-c", "python:rescind.web.gunicorn_settings"]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "rescind:create_app()"]
        own = {"PYTHONPATH": str(self.folder), "RESCIND_PUBLIC_URL": base_url}
        with running(command, base_url, log, {**self.settings, **own}):
            yield base_url

    def _run(self, *asked: str) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status, out, errors = json.loads(self._process.stdout.readline())
        assert status == 0, errors
        return [json.loads(line) for line in out.splitlines()]


def unpack(folder: Path) -> None:
    """Put that version into a folder."""
    with zipfile.ZipFile(WHEEL) as wheel:
        wheel.extractall(folder)
