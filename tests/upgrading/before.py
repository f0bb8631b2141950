"""The version of the product before this one, on the same store.

The wheel beside this file is that version as it was built of the last commit whose newest migration is 0004:

    git archive aa5da9b04c25668638aadb1c899e46af8cd87765 | tar x -C before
    cd before && python -m hatchling build -t wheel

It is unpacked and run with the packages of this environment; neither git nor a network is needed.
"""

import contextlib
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

# What its pages do for people, by its own domain. Gives what was made.
_MAKE = """
import json, sys
from rescind.domain import codes, pkce, sessions, tenants
from rescind.domain import clients
from rescind.domain.authority import Authority
from rescind.domain.epochs import Epochs
from rescind.domain.issuing import Authorization
from rescind.store import revocations
from rescind.web.application import load_settings

tenant_name, client_id, subject, count, callback, verifier = sys.argv[1:]
authority = Authority.open(load_settings())
tenant = tenants.get(authority, tenant_name)
client = clients.get(authority, tenant, client_id)
with authority.store.reading() as tx:
    subject_epoch = revocations.subject_epoch(tx, tenant.id, subject)
made = []
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
    made.append({"sid": sid, "code": code})
print(json.dumps(made))
"""


@dataclass(frozen=True)
class Before:
    """That version, unpacked, with the settings that it shares with this one."""

    folder: Path
    settings: dict[str, str]

    @classmethod
    def unpacked(cls, folder: Path, settings: dict[str, str]) -> "Before":
        """Unpack it."""
        with zipfile.ZipFile(WHEEL) as wheel:
            wheel.extractall(folder)
        return cls(folder, settings)

    def rescind(self, *arguments: str) -> list[dict[str, Any]]:
        """Run one of its commands, and give what it says, as `--json` has it."""
        out = self._python("-c", "from rescind.cli import main; main()", *arguments, "--json")
        return [json.loads(line) for line in out.splitlines()]

    def make(self, tenant: str, client_id: str, subject: str, *, count: int = 1) -> list[dict[str, str]]:
        """Sign a subject in and give a client a code in each session: the `sid` and the `code` of each."""
        out = self._python("-c", _MAKE, tenant, client_id, subject, str(count), CALLBACK, VERIFIER)
        made: list[dict[str, str]] = json.loads(out)
        return made

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

    def _python(self, *arguments: str) -> str:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESCIND_")}
        environment = {**plain, "PYTHONPATH": str(self.folder), **self.settings}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
