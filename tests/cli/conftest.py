"""Fixtures of the command line."""

from pathlib import Path

import pytest

from tests.cli.events import Events
from tests.cli.shell import Shell
from tests.conftest import SECRET_KEY
from tests.servers import Server


@pytest.fixture
def shell(store_url: str, tmp_path: Path) -> Shell:
    """Give a shell whose settings are those of the fixture `server`: both work on the same store."""
    return Shell(
        {
            "RESCIND_DATABASE_URL": store_url,
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(tmp_path),
        }
    )


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """Give a shell with nothing set but a folder of its own, in which nothing is yet."""
    return Shell({"RESCIND_INSTANCE_PATH": str(tmp_path / "instance")})


@pytest.fixture
def events(server: Server) -> Events:
    """Give the event rows of the store."""
    return Events(server)
