"""Plant faults, one at a time, and see the suite fail on each: `make mutants`.

The tree is copied, the copy must pass, then each fault is planted in a copy of its own. A fault counts as
found when a test of its folders fails by an assertion: the nearest tests are run first, and where they find
nothing all the rest. What is about the store is to be found on SQLite and on PostgreSQL.

Every copy is tested by a process that is forked from this one, which has loaded what others wrote: to load
that takes longer than most of the tests. Of the tree itself nothing is loaded before.
"""

import argparse
import contextlib
import gc
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests import mutations
from tests.mutant_copies import ROOT, Copy
from tests.mutations import Mutation
from tests.mutations_of_access import MUTATIONS_OF_ACCESS
from tests.mutations_of_claims import MUTATIONS_OF_CLAIMS
from tests.mutations_of_clients import MUTATIONS_OF_CLIENTS
from tests.mutations_of_commands import MUTATIONS_OF_COMMANDS
from tests.mutations_of_connections import MUTATIONS_OF_CONNECTIONS
from tests.mutations_of_documents import MUTATIONS_OF_DOCUMENTS
from tests.mutations_of_ground import MUTATIONS_OF_GROUND
from tests.mutations_of_logouts import MUTATIONS_OF_LOGOUTS
from tests.mutations_of_operating import MUTATIONS_OF_OPERATING
from tests.mutations_of_pages import MUTATIONS_OF_PAGES
from tests.mutations_of_people import MUTATIONS_OF_PEOPLE
from tests.mutations_of_purging import MUTATIONS_OF_PURGING
from tests.mutations_of_refreshing import MUTATIONS_OF_REFRESHING
from tests.mutations_of_registration import MUTATIONS_OF_REGISTRATION
from tests.mutations_of_resources import MUTATIONS_OF_RESOURCES
from tests.mutations_of_sign_in import MUTATIONS_OF_SIGN_IN
from tests.mutations_of_starts import MUTATIONS_OF_STARTS
from tests.mutations_of_the_wire import MUTATIONS_OF_THE_WIRE
from tests.mutations_of_upgrades import MUTATIONS_OF_UPGRADES

MUTATIONS = (
    *mutations.MUTATIONS,
    *MUTATIONS_OF_ACCESS,
    *MUTATIONS_OF_PEOPLE,
    *MUTATIONS_OF_PAGES,
    *MUTATIONS_OF_SIGN_IN,
    *MUTATIONS_OF_GROUND,
    *MUTATIONS_OF_PURGING,
    *MUTATIONS_OF_LOGOUTS,
    *MUTATIONS_OF_CONNECTIONS,
    *MUTATIONS_OF_UPGRADES,
    *MUTATIONS_OF_OPERATING,
    *MUTATIONS_OF_STARTS,
    *MUTATIONS_OF_COMMANDS,
    *MUTATIONS_OF_CLIENTS,
    *MUTATIONS_OF_REGISTRATION,
    *MUTATIONS_OF_DOCUMENTS,
    *MUTATIONS_OF_CLAIMS,
    *MUTATIONS_OF_THE_WIRE,
    *MUTATIONS_OF_REFRESHING,
    *MUTATIONS_OF_RESOURCES,
)
AT_ONCE = os.cpu_count() or 1
PACKAGES = (
    *("alembic.autogenerate", "alembic.command", "argon2", "authlib.integrations.flask_oauth2"),
    *("cryptography.x509", "flask_sqlalchemy", "httpx", "hypothesis", "joserfc.jwt"),
    *("playwright.sync_api", "psycopg", "rich.progress"),
    *("sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"),
    *("sqlalchemy.ext.compiler", "sqlalchemy.orm", "sqlglot"),
    *("sqlglot.dialects.postgres", "sqlglot.dialects.sqlite", "structlog", "time_machine", "yaml"),
)
STORES = """
import sys
from pathlib import Path
from tests import stores
server = stores.make_before(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the faults and print what found each. Gives the exit code: 0 where every one was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="plant only the faults whose names have this in them")
    parser.add_argument(
        "--without-nearest", action="store_true", help="leave out the tests that were written with a fault"
    )
    parser.add_argument(
        "--share",
        type=int,
        default=1,
        metavar="N",
        help="plant one of so many, others at each commit; of the rest see only that it can be planted",
    )
    options = parser.parse_args(arguments)
    named = [each for each in MUTATIONS if not options.names or any(n in each.name for n in options.names)]
    chosen = _share(named, options.share)
    misfits = [f"NOT PLANTED  {each.name}: {misfit}" for each in named if (misfit := each.misfit(ROOT))]
    if misfits:
        print("\n".join(misfits))
        return 1
    for package in PACKAGES:
        importlib.import_module(package)
    # Looked through by no collection, which would copy every page of it in each process.
    gc.freeze()
    # No TemporaryDirectory: each process that is forked would remove it when it ends.
    folder = Path(tempfile.mkdtemp(prefix="rescind-mutants-"))
    try:
        with _stores(folder / "stores"):
            results = list(_run(_copies(folder, chosen, is_far=options.without_nearest)))
    finally:
        shutil.rmtree(folder)
    survivors = sum(not is_well for copy, is_well in results if copy.fault)
    print(f"{len(chosen) - survivors} passed, {survivors} failed")
    return 0 if all(is_well for _, is_well in results) else 1


def _share(faults: Sequence[Mutation], share: int) -> list[Mutation]:
    """Choose one of so many by the commit, so that over some commits each has its turn."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=False).stdout
    digests = ((each, hashlib.sha256(head + each.name.encode()).digest()) for each in faults)
    return [each for each, digest in digests if digest[0] % share == 0]


@contextlib.contextmanager
def _stores(folder: Path) -> Iterator[None]:
    """Keep one PostgreSQL for all copies, by a process of its own: this one loads nothing of the tree."""
    command = [sys.executable, "-W", "ignore:XDG_RUNTIME_DIR", "-c", STORES, str(folder)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        os.environ["TEST_STORES"] = str(folder)
        yield
        server.stdin.close()


def _copies(folder: Path, chosen: Sequence[Mutation], *, is_far: bool) -> Iterator[Copy]:
    for store in ("sqlite", "postgresql"):
        tests = dict.fromkeys(test for fault in chosen if store in fault.backends for test in fault.tests)
        if tests and not is_far:
            yield Copy(folder / f"unmutated-{store}", [[*tests]], [store])
    for fault in chosen:
        place = folder / fault.name.replace(" ", "-")
        rounds = [fault.folders] if is_far else [fault.tests, fault.folders]
        yield Copy(place, rounds, fault.backends, fault)


def _run(copies: Iterator[Copy]) -> Iterator[tuple[Copy, bool]]:
    """Test the copies, some at once; gives of each whether it told what it was to tell."""
    running: dict[int, Copy] = {}
    for copy in copies:
        fault = copy.make()
        if fault:
            print(f"NOT PLANTED  {copy.name}: {fault}")
            yield copy, False
            continue
        running[copy.start()] = copy
        if len(running) == AT_ONCE:
            yield _next(running)
    while running:
        yield _next(running)


def _next(running: dict[int, Copy]) -> tuple[Copy, bool]:
    """Wait for the first that ends, and has no more tests to run."""
    while True:
        pid, status = os.wait()
        if pid not in running:
            continue
        copy = running.pop(pid)
        if copy.is_done(os.waitstatus_to_exitcode(status)):
            return copy, copy.told()
        running[copy.start()] = copy


if __name__ == "__main__":
    sys.exit(main())
