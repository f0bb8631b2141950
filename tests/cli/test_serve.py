"""`rescind serve`: gunicorn in the place of the command."""

import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests import stores
from tests.cli.shell import Shell
from tests.patience import LONG_SECONDS
from tests.servers import SECRET_KEY, free_port


def test_a_store_that_is_not_migrated_yet_is_named_and_waited_for(tmp_path: Path) -> None:
    bind, url = f"127.0.0.1:{free_port()}", f"sqlite:///{tmp_path}/late.sqlite3"
    shell = Shell({"RESCIND_DATABASE_URL": url, "RESCIND_INSTANCE_PATH": str(tmp_path)})
    options = ["--bind", bind, "--workers", "1"]
    with (
        shell.serving("serve", *options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process,
        httpx.Client(base_url=f"http://{bind}", transport=httpx.HTTPTransport(retries=8)) as http,
    ):
        before = [http.get(path).status_code for path in ("/healthz", "/readyz")]

        stores.migrate(url)

        after = http.get("/readyz").status_code
        process.terminate()
        _, said = process.communicate(timeout=LONG_SECONDS)
    assert before == [200, 503]
    assert after == 200
    assert process.returncode == 0
    assert said.startswith(
        f"rescind: The store {tmp_path}/late.sqlite3 is not migrated: run rescind db upgrade.\n".encode()
    )


@pytest.mark.parametrize(
    ("public_url", "line"),
    [
        ("http://{bind}", "Rescind serves on http://{bind} (development). Stop with Ctrl-C.\n"),
        (
            "http://localhost:1",
            "Rescind listens on {bind}, and calls itself http://localhost:1 (development).",
        ),
        ("https://auth.example.com", '{{"event": "Starting gunicorn'),
    ],
    ids=["development", "another name", "production"],
)
def test_in_development_one_line_says_where_it_serves(tmp_path: Path, public_url: str, line: str) -> None:
    bind, url = f"127.0.0.1:{free_port()}", stores.new_migrated_file(tmp_path / "rescind.sqlite3")
    shell = Shell(
        {
            "RESCIND_DATABASE_URL": url,
            "RESCIND_INSTANCE_PATH": str(tmp_path),
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_PUBLIC_URL": public_url.format(bind=bind),
        }
    )
    options = ["--bind", bind, "--workers", "1"]
    with shell.serving("serve", *options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        first = process.stderr.readline().decode()
        process.terminate()
        process.communicate(timeout=LONG_SECONDS)

    assert first.startswith(line.format(bind=bind))


def test_an_address_that_is_in_use_is_named_at_once(tmp_path: Path) -> None:
    shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path)})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"

        outcome = shell.run("serve", "--bind", bind)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        f"rescind: Nothing can listen on {bind} (Address already in use): name another address with --bind.\n"
    )


@pytest.mark.parametrize(
    ("bind", "code"), [("127.0.0.1:ten", 2), ("192.0.2.1:8000", 1), ("no.invalid:80", 1)]
)
def test_an_address_that_is_none_of_this_machine_is_refused(tmp_path: Path, bind: str, code: int) -> None:
    shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path)})

    outcome = shell.run("serve", "--bind", bind)

    assert outcome.code == code
    assert "--bind" in outcome.err
    assert bind in outcome.err


@pytest.mark.parametrize("bind", ["127.0.0.1:99999", "127.0.0.1:0", "8001", "foo", "127.0.0.1:ten"])
def test_what_is_no_address_is_told_what_one_is(tmp_path: Path, bind: str) -> None:
    outcome = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path)}).run("serve", "--bind", bind)

    assert (outcome.code, outcome.out) == (2, "")
    assert f"--bind is HOST:PORT with a port of 1 to 65535, and '{bind}' is not.\n" in outcome.err
