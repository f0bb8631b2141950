"""Fixtures of the command line."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.servers import Server


@pytest.fixture
def shell(server: Server, store_url: str, tmp_path: Path) -> Shell:
    """Give a shell on the store and with the secret key of `server`."""
    return Shell(
        {
            "RESCIND_DATABASE_URL": store_url,
            "RESCIND_SECRET_KEY": ",".join(server.authority.settings.secret_key),
            "RESCIND_INSTANCE_PATH": str(tmp_path),
        }
    )


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """Give a shell with nothing set but a folder of its own, in which there is nothing yet."""
    return Shell({"RESCIND_INSTANCE_PATH": str(tmp_path / "instance")})
