"""A pooler that nobody has told us of: it is known when connecting, and refused in a sentence that helps."""

from pathlib import Path

import psycopg
import pytest

from rescind.store.postgresql import SETTINGS
from tests import stores
from tests.cli.shell import Shell
from tests.poolers.conftest import Pooling
from tests.servers import SECRET_KEY, Server
from tests.store.apart import serving

SETTING = "RESCIND_DATABASE_POOLER=transaction"


def had_by_chance(url: str) -> None:
    """Have every session be as ours asks for, so that only its number tells."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {name} = '{value}'")


@pytest.fixture(params=["refused", "forgotten", "had by chance"])
def pooled_url(request: pytest.FixtureRequest, postgresql: stores.PostgresServer, pooling: Pooling) -> str:
    """Give the URL of a database through a pooler, by what becomes of the settings of a session."""
    url = stores.new_migrated_database(postgresql)
    if request.param == "had by chance":
        had_by_chance(url)
    running = pooling(url, request.param != "refused")
    pooled = running.__enter__()
    request.addfinalizer(lambda: running.__exit__(None, None, None))
    return pooled


def test_it_is_refused_in_one_sentence_that_names_the_setting(pooled_url: str, tmp_path: Path) -> None:
    settings = {
        "RESCIND_DATABASE_URL": pooled_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
    }

    outcome = Shell(settings).run("tenant", "list", "--json")

    assert (outcome.code, outcome.out) == (3, "")
    assert SETTING in outcome.err
    assert outcome.err.count("\n") == 1


def test_the_server_starts_and_says_so_in_its_log(
    pooled_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(pooled_url, tmp_path) as server:
        refused = readyz(server)

    assert refused == 503
    # The first application of a process takes the log over.
    assert SETTING in caplog.text + capsys.readouterr().err


def readyz(server: Server) -> int:
    with server.http() as http:
        return http.get("/readyz").status_code
