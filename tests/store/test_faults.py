"""A store that can't be used is told of in words that help, and without what the driver says."""

import os
import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from rescind.store import faults
from tests import stores
from tests.cli.shell import Shell
from tests.servers import SECRET_KEY, free_port
from tests.store.apart import serving
from tests.store.certificates import certificate, speaking_tls

PASSWORD = "hunter2-hunter2"
NO_DATABASE = 1000 * b"no database "
# Of its own in each process of the tests: they share the server.
ROLE = f"somebody_{uuid4().hex}"


@pytest.fixture(scope="module")
def url(postgresql: stores.PostgresServer) -> str:
    """Give the URL of a database for a role that everything can be taken from."""
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        # The tests of a module need not come one behind the other.
        if not connection.execute(f"SELECT FROM pg_roles WHERE rolname = '{ROLE}'").fetchall():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
    made = stores.new_database(postgresql, owner=ROLE)
    return stores.as_text(make_url(made).set(password=PASSWORD))


@contextmanager
def altered(postgresql: stores.PostgresServer, change: str, back: str) -> Iterator[None]:
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {ROLE} {change}")
        yield
        connection.execute(f"ALTER ROLE {ROLE} {back}")


@contextmanager
def asking_for_passwords(postgresql: stores.PostgresServer) -> Iterator[None]:
    """Have the server ask this role for its password."""
    rules = postgresql.pgdata / "pg_hba.conf"
    kept = rules.read_text()
    rules.write_text(f"local all {ROLE} scram-sha-256\n{kept}")
    try:
        with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
            yield
    finally:
        rules.write_text(kept)
        with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")


def told(url: str, folder: Path) -> str:
    """Give what the command line says of a store."""
    settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(folder)}
    outcome = Shell({f"RESCIND_{name}": value for name, value in settings.items()}).run("tenant", "list")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.count("\n") == 1
    assert PASSWORD not in outcome.err
    return outcome.err


def at(host: str, port: int, query: str = "") -> str:
    return f"postgresql://{ROLE}:{PASSWORD}@{host}:{port}/nothing{query}"


def test_nobody_listens(tmp_path: Path) -> None:
    assert "(connection refused)" in told(at("127.0.0.1", free_port()), tmp_path)


def test_the_host_has_no_address(tmp_path: Path) -> None:
    assert "(unknown host)" in told(at("nowhere.invalid", 5432), tmp_path)


def test_the_password_is_wrong(postgresql: stores.PostgresServer, url: str, tmp_path: Path) -> None:
    wrong = stores.as_text(make_url(url).set(password=f"{PASSWORD}-not"))

    with asking_for_passwords(postgresql):
        assert "(wrong password)" in told(wrong, tmp_path)


def test_the_role_is_unknown(url: str, tmp_path: Path) -> None:
    assert "(no such role)" in told(stores.as_text(make_url(url).set(username="nobody_at_all")), tmp_path)


def test_the_database_is_not_there(url: str, tmp_path: Path) -> None:
    assert "(no such database)" in told(stores.as_text(make_url(url).set(database="nothing_here")), tmp_path)


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=sometimes",
        "no_such_option=1",
        "options=-c%20no_such_setting%3D1",
        "target_session_attrs=best",
    ],
)
def test_a_parameter_of_the_url_is_none(url: str, tmp_path: Path, query: str) -> None:
    wrong = stores.as_text(make_url(url).update_query_string(query))

    assert "until this is changed (wrong parameter)" in told(wrong, tmp_path)


@contextmanager
def changed(postgresql: stores.PostgresServer, url: str, change: str, back: str) -> Iterator[None]:
    """Change the database as its superuser, for the block."""
    database = make_url(url).database
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(change.format(database=database, role=ROLE))
    yield
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(back.format(database=database, role=ROLE))


@pytest.mark.parametrize(
    ("change", "back", "kind"),
    [
        (
            "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC, {role}",
            "GRANT CONNECT ON DATABASE {database} TO PUBLIC, {role}",
            "not allowed",
        ),
        (
            "ALTER DATABASE {database} ALLOW_CONNECTIONS false",
            "ALTER DATABASE {database} ALLOW_CONNECTIONS true",
            "database closed",
        ),
    ],
    ids=["no right to connect", "no connections"],
)
def test_the_database_lets_the_role_not_in(
    postgresql: stores.PostgresServer, url: str, tmp_path: Path, change: str, back: str, kind: str
) -> None:
    with changed(postgresql, url, change, back):
        assert f"until this is changed ({kind})" in told(url, tmp_path)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("REVOKE ALL ON SCHEMA rescind FROM {role}", "not allowed"),
        ("REVOKE ALL ON rescind.tenants FROM {role}", "not allowed"),
        ("DROP TABLE rescind.signing_keys", "tables missing"),
    ],
    ids=["schema", "table", "missing table"],
)
def test_a_right_or_a_table_is_taken_away_while_it_serves(
    postgresql: stores.PostgresServer, tmp_path: Path, damage: str, kind: str
) -> None:
    role = f"of_{uuid4().hex}"
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    url = stores.migrate(stores.new_database(postgresql, owner=role))
    with serving(url, tmp_path) as server, server.http() as http:
        server.new_tenant("bifrost")
        with psycopg.connect(postgresql.get_uri(str(make_url(url).database)), autocommit=True) as connection:
            connection.execute(damage.format(role=role))

        reply = http.get("/readyz" if kind == "not allowed" else "/t/bifrost/oauth2/jwks")
        ready = http.get("/readyz").json()

    assert reply.status_code == 503
    assert (kind != "not allowed") or (ready["kind"], ready["is_lasting"]) == (kind, True)
    assert role not in reply.text


@pytest.mark.parametrize(
    ("url", "kind", "is_lasting"),
    [
        ("postgresql://nobody:hunter2-hunter2@127.0.0.1:{port}/nothing", "connection refused", False),
        ("postgresql://127.0.0.1:{port}/nothing?sslmode=sometimes", "wrong parameter", True),
        ("sqlite:///{folder}/none.sqlite3", "unreadable", True),
    ],
    ids=["passing", "parameter", "no database"],
)
def test_readyz_tells_what_stays_from_what_passes(
    tmp_path: Path, url: str, kind: str, is_lasting: bool
) -> None:
    (tmp_path / "none.sqlite3").write_bytes(NO_DATABASE)
    with serving(url.format(port=free_port(), folder=tmp_path), tmp_path) as server, server.http() as http:
        reply = http.get("/readyz")

    assert reply.status_code == 503
    assert (reply.json()["kind"], reply.json()["is_lasting"]) == (kind, is_lasting)
    assert not any(each in reply.text for each in ("127.0.0.1", "nobody", str(tmp_path), PASSWORD))


@pytest.mark.parametrize(
    ("change", "back", "query", "kind"),
    [
        ("CONNECTION LIMIT 0", "CONNECTION LIMIT -1", {}, "too many connections"),
        (
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
            {"target_session_attrs": "read-write"},
            "read-only",
        ),
    ],
    ids=["too many connections", "read-only"],
)
def test_the_role_may_not(
    postgresql: stores.PostgresServer,
    url: str,
    tmp_path: Path,
    change: str,
    back: str,
    query: dict[str, str],
    kind: str,
) -> None:
    with altered(postgresql, change, back):
        assert f"({kind})" in told(stores.as_text(make_url(url).update_query_dict(query)), tmp_path)


def test_nothing_comes_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "(timed out)" in told(at("127.0.0.1", silent.getsockname()[1]), tmp_path)


def test_the_certificate_is_of_somebody_else(tmp_path: Path) -> None:
    trusted = certificate(tmp_path, "trusted")

    with speaking_tls(certificate(tmp_path, "other")) as port:
        query = f"?sslmode=verify-full&sslrootcert={trusted}"
        assert "(certificate)" in told(at("127.0.0.1", port, query), tmp_path)


def test_the_sqlite_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "none.sqlite3").write_bytes(NO_DATABASE)

    assert "(unreadable)" in told(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path)


def test_log_and_readyz_say_the_kind_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = "127.0.0.77"
    with serving(at(elsewhere, free_port()), tmp_path) as server, server.http() as http:
        reply = http.get("/readyz")
        revoked = http.post("/t/bifrost/oauth2/revoke", data={"client_id": "c", "token": "t"})

    assert reply.json()["detail"] == "The store can't be used (connection refused)."
    # The first application of a process takes the log over; what others write there is not ours.
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    log = "\n".join([caplog.text, *lines])
    assert "connection refused" in log
    for each in (reply.text, revoked.text, log):
        assert [secret for secret in (PASSWORD, ROLE, elsewhere) if secret in each] == [], each


def test_a_lack_of_descriptors_is_not_taken_for_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(each) for each in os.listdir("/proc/self/fd")) + 1
    # Those that are free below the limit are held.
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(used)]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(held[-1], soft), hard))
        with pytest.raises(sqlite3.OperationalError) as lacking:
            sqlite3.connect(tmp_path / "new.sqlite3").execute("PRAGMA user_version")
        explained = faults.explain(lacking.value)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for each in held:
            os.close(each)
    with pytest.raises(sqlite3.OperationalError) as unreadable:
        sqlite3.connect(tmp_path / "nowhere" / "new.sqlite3").execute("PRAGMA user_version")

    assert (explained.kind, explained.is_lasting) == ("too many open files", False)
    assert faults.explain(unreadable.value).kind == "unreadable"
