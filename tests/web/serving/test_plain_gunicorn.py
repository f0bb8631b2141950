"""`gunicorn wsgi:app`, as one types it who has not read on: it is the server that was measured and tried."""

import contextlib
import json
import os
import runpy
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rescind.web.serving import cores, gunicorn_settings
from tests.cli.shell import on_sqlite
from tests.domain.revoking.logouts import listening_client, sign_in_to, sign_out
from tests.patience import LONG_SECONDS
from tests.receivers import Receiver
from tests.servers import SECRET_KEY, Server, free_port, running

ROOT = Path(__file__).resolve().parents[3]


@contextlib.contextmanager
def plain(server: Server, folder: Path, *arguments: str) -> Iterator[tuple[Server, Path]]:
    """Run gunicorn in the project's folder; gives the server and its log."""
    port = free_port()
    base_url, log = f"http://127.0.0.1:{port}", folder / "log"
    environment = {
        "RESCIND_DATABASE_URL": str(server.authority.settings.database_url),
        "RESCIND_PUBLIC_URL": base_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(folder),
        "RESCIND_POOL_SIZE": "3",
        "PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}",
    }
    there = ["env", "-C", str(ROOT), sys.executable, "-m", "gunicorn"]
    command = [*there, "--bind", f"127.0.0.1:{port}", *arguments]
    with running([*command, "wsgi:app"], base_url, log, environment):
        yield Server(server.authority, None, base_url), log


def sent(server: Server, request: bytes) -> bytes:
    """Give the answer to a request that is written by hand."""
    address = urlsplit(server.base_url)
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=LONG_SECONDS) as raw:
        raw.sendall(request)
        return b"".join(iter(lambda: raw.recv(4096), b""))


@on_sqlite
def test_it_has_our_settings(server: Server, receiver: Receiver, tmp_path: Path) -> None:
    tenant = server.new_tenant()
    client = listening_client(tenant, receiver.uri)

    with plain(server, tmp_path) as (here, log):
        moved = sent(
            here,
            f"GET /x/t/{tenant.name}/oauth2/jwks HTTP/1.1\r\nHost: a\r\nSCRIPT_NAME: /x\r\n"
            "Connection: close\r\n\r\n".encode(),
        )
        broken = sent(here, b"GET / HTTP/1.1\r\nno header\r\n\r\n")
        sign_out(tenant, sign_in_to(client))
        until = time.monotonic() + LONG_SECONDS
        while not receiver.forms and time.monotonic() < until:
            time.sleep(0.1)

    assert moved.startswith(b"HTTP/1.1 4")
    assert broken.startswith(b"HTTP/1.1 400 ")
    assert json.loads(broken.partition(b"\r\n\r\n")[2])["error"] == "invalid_request"
    assert len(receiver.forms) == 1
    assert "without the settings" not in log.read_text()


@on_sqlite
def test_without_them_the_start_says_what_is_missing_and_how_to_have_it(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "other.py").write_text("workers = 1\n")

    with plain(server, tmp_path, "-c", str(tmp_path / "other.py")) as (_, log):
        said = log.read_text()

    assert "[INFO] Worker exiting" in log.read_text()
    assert "Logging error" not in log.read_text()
    assert "gunicorn runs without the settings of Rescind" in said
    assert "Run it with -c python:rescind.web.serving.gunicorn_settings" in said


def test_there_is_a_worker_for_each_core_that_the_process_is_let_on() -> None:
    here = os.sched_getaffinity(0)
    everywhere = runpy.run_path(gunicorn_settings.__file__)["workers"]
    os.sched_setaffinity(0, {min(here)})
    try:
        bound = runpy.run_path(gunicorn_settings.__file__)["workers"]
    finally:
        os.sched_setaffinity(0, here)

    assert bound == 1
    assert 1 <= everywhere <= len(here)


@pytest.mark.parametrize(("given", "threads"), [("3", 3), ("x", 8), ("0", 8)])
def test_there_is_a_thread_for_each_connection_to_the_store(
    monkeypatch: pytest.MonkeyPatch, given: str, threads: int
) -> None:
    monkeypatch.setenv("RESCIND_POOL_SIZE", given)

    assert runpy.run_path(gunicorn_settings.__file__)["threads"] == threads


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "100000 100000"}, 1),
        ("0::/a/b\n", {"cpu.max": "max 100000", "a/cpu.max": "50000 100000", "a/b/cpu.max": "max 1"}, 1),
        ("0::/../outside\n", {"cpu.max": "100000 100000"}, 1),
        (
            "11:cpu,cpuacct:/docker/1234\n1:name=systemd:/\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "90000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
            1,
        ),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ("0::/\n", {"cpu.max": "100000000 100000"}, None),
        ("0::/\n", {"cpu.max": "nonsense"}, None),
        ("", {}, None),
    ],
    ids=[
        "a core",
        "of a group around",
        "path of outside",
        "version 1",
        "no limit",
        "more",
        "nonsense",
        "none",
    ],
)
def test_a_container_has_the_cores_that_it_is_given(
    tmp_path: Path, groups: str, files: dict[str, str], expected: int | None
) -> None:
    written = {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert cores.count(tmp_path) == (expected or len(os.sched_getaffinity(0)))
