"""RFC 7009 section 2.2.1: while the SQLite file can't be written the answer is 503, and reads go on."""

import contextlib
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.outage.served import ACTIVE, UNAVAILABLE, Served, at_once, introspect_all, shape
from tests.patience import allowed, wait_until
from tests.servers import error_of
from tests.store.apart import serving

Outage = Callable[[Path, Served], AbstractContextManager[None]]


@contextmanager
def write_locked(path: Path, on_sqlite: Served) -> Iterator[None]:
    """Hold the write lock, as a backup or another program would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def disk_full(path: Path, on_sqlite: Served) -> Iterator[None]:
    """Let the workers write not one byte more, to any file."""
    unlimited = resource.RLIM_INFINITY
    for pid in on_sqlite.worker_pids():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, unlimited))
    try:
        yield
    finally:
        for pid in on_sqlite.worker_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))


@pytest.mark.requirement("REV-38")
@pytest.mark.requirement("STO-01")
@pytest.mark.requirement("STO-05")
@pytest.mark.requirement("FAULTS-C4")
@pytest.mark.requirement("FAULTS-C10")
@pytest.mark.parametrize("outage", [write_locked, disk_full], ids=["write lock held", "disk full"])
def test_s2_2_1_what_is_not_done_is_503_in_time_and_reads_go_on(
    sqlite_file: Path, on_sqlite: Served, outage: Outage
) -> None:
    client = on_sqlite.new_client()
    tokens = [client.access_token() for _ in range(4)]
    dead = client.access_token()
    client.revoke(dead)
    writes = [partial(client.revoke, token) for token in tokens]
    writes.append(partial(client.post, "token", grant_type="client_credentials"))

    with outage(sqlite_file, on_sqlite):
        written = at_once(writes)
        active, inactive = introspect_all(client, [tokens[0], dead])
        again = client.revoke(dead)
        healthz, readyz = on_sqlite.get("/healthz"), on_sqlite.get("/readyz")

    assert [shape(reply) for reply in written] == [UNAVAILABLE] * len(writes)
    assert max(reply.seconds for reply in written) < allowed(6)
    assert shape(active) == ACTIVE
    assert inactive.response.json() == {"active": False}
    # There is nothing to be done for it, so nothing has to be written.
    assert again.status_code == 200
    assert (healthz.status_code, readyz.status_code) == (200, 200)
    assert [client.is_active(token) for token in tokens] == [True] * 4
    wait_until(lambda: client.revoke(tokens[0]).status_code == 200)
    assert not client.is_active(tokens[0])
    assert on_sqlite.is_as_started()


@pytest.mark.requirement("FAULTS-C1")
@pytest.mark.parametrize("content", [b"This is no database. " * 500, b""], ids=["garbage", "a folder"])
def test_a_file_that_can_not_be_read_is_503_and_the_process_is_healthy(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "rescind.sqlite3"
    path.write_bytes(content)

    with serving(f"sqlite:///{path}", tmp_path) as server, server.http() as http:
        if not content:
            # At the start a folder would be a wrong setting.
            server.authority.store.dispose()
            for each in tmp_path.glob("rescind.sqlite3*"):
                each.unlink()
            path.mkdir()
        revoked = http.post("/t/bifrost/oauth2/revoke", data={"client_id": "c", "token": "t"})
        healthz, readyz = http.get("/healthz"), http.get("/readyz")

    assert revoked.status_code == 503
    assert error_of(revoked) == "temporarily_unavailable"
    assert int(revoked.headers["Retry-After"]) > 0
    assert (healthz.status_code, readyz.status_code) == (200, 503)
