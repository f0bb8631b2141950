"""The application that the manual shows, on the wheel alone: it issues, protects, revokes and refuses."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import free_port
from tests.wheels import Environment, link, locked

HOST = Path(__file__).parent / "host"


class Shell:
    """A folder with the host application in it, and the commands of an environment."""

    def __init__(self, environment: Environment, folder: Path, more: Path) -> None:
        self.environment, self.folder = environment, folder
        self.variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(more)}

    def flask(self, *arguments: str) -> str:
        """Run `flask --app app` to its end."""
        done = subprocess.run(
            [self.environment.program("flask"), "--app", "app", *arguments],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        """Serve with gunicorn."""
        bind = f"127.0.0.1:{free_port()}"
        command = [self.environment.program("gunicorn"), "--bind", bind, "app:create_app()"]
        options: dict[str, Any] = {"cwd": self.folder, "env": self.variables, "stderr": subprocess.DEVNULL}
        transport = httpx.HTTPTransport(retries=8)
        with (
            subprocess.Popen(command, **options) as server,
            httpx.Client(base_url=f"http://{bind}", transport=transport, timeout=30) as http,
        ):
            try:
                yield http
            finally:
                server.terminate()


@pytest.fixture
def shell(wheel_environment: Environment, tmp_path: Path) -> Shell:
    """Give a folder with the host, and with the one package that it needs for itself."""
    folder = tmp_path / "shop"
    shutil.copytree(HOST, folder, ignore=shutil.ignore_patterns("__pycache__", "instance"))
    (bought,) = (each for each in locked("requirements-dev.lock") if each.name == "flask-migrate")
    (tmp_path / "bought").mkdir()
    link(bought, tmp_path / "bought")
    return Shell(wheel_environment, folder, tmp_path / "bought")


@pytest.mark.timeout(600)
def test_a_host_in_a_folder_of_its_own_refuses_what_it_has_revoked(shell: Shell) -> None:
    shell.flask("db", "upgrade")
    shell.flask("rescind", "db", "upgrade")
    shell.flask("rescind", "tenant", "create", "bifrost")
    phone = ["--tenant", "bifrost", "--client-id", "phone", "--public", "--scope", "orders"]
    shell.flask("rescind", "client", "create", *phone)
    about = ["--tenant", "bifrost", "--client", "phone", "--subject", "alice", "--scope", "orders", "--json"]
    token = json.loads(shell.flask("rescind", "token", "issue", *about))["access_token"]
    shown = {"Authorization": f"Bearer {token}"}
    with shell.serving() as http:
        signed_up = http.post("/customers", data={"name": "alice", "password": "old"})
        before = http.get("/orders", headers=shown)

        changed = http.post("/password", auth=("alice", "old"), data={"password": "new"})

        after = http.get("/orders", headers=shown)
    assert [reply.status_code for reply in (signed_up, before, changed, after)] == [200, 200, 200, 401]
    assert before.text == "the orders of alice\n"
    assert 'error="invalid_token"' in after.headers["WWW-Authenticate"]
    inspected = shell.flask("rescind", "token", "inspect", token, "--tenant", "bifrost", "--json")
    assert json.loads(inspected)["active"] is False


@pytest.mark.timeout(600)
def test_the_bare_command_beside_a_host_says_on_which_store_it_works(shell: Shell) -> None:
    command = [shell.environment.program("rescind"), "db", "upgrade"]

    done = subprocess.run(command, env=shell.variables, capture_output=True, text=True, check=False)

    assert "RESCIND_DATABASE_URL is not set: the store is /" in done.stderr
    assert "flask --app <yours> rescind" in done.stderr
