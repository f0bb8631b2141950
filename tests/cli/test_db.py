"""`rescind db`, and what the other commands say of a store that has no tables yet."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.settings import Settings
from tests import stores
from tests.cli.shell import Shell


@pytest.fixture(params=stores.BACKENDS)
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite3"
    return stores.new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def empty_shell(empty_store: str, tmp_path: Path) -> Shell:
    """Give a shell on that database."""
    return Shell({"RESCIND_DATABASE_URL": empty_store, "RESCIND_INSTANCE_PATH": str(tmp_path)})


@pytest.mark.parametrize("arguments", [("tenant", "create", "t"), ("db", "check")], ids=" ".join)
def test_a_store_that_is_not_migrated_is_named_so_with_the_way_out(
    empty_shell: Shell, arguments: tuple[str, ...]
) -> None:
    outcome = empty_shell.run(*arguments, "--json")

    assert outcome.code == 3
    address = empty_shell.run("db", "upgrade", "--json").record["store"]
    assert outcome.err.startswith(f"rescind: The store {address} is not ")
    assert ": run rescind db upgrade" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [("tenant", "list"), ("token", "inspect", "x", "--tenant", "t"), ("revoke", "tenant", "--tenant", "t")],
    ids=" ".join,
)
def test_to_look_for_a_store_where_none_is_makes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    wrong = tmp_path / "wrong"

    outcome = Shell({"RESCIND_INSTANCE_PATH": str(wrong)}).run(*arguments, "--json")

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"rescind: The store {wrong}/rescind.sqlite3 is not there: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.requirement("STO-04")
def test_upgrade_makes_the_tables_and_a_second_time_does_no_harm(
    empty_store: str, empty_shell: Shell
) -> None:
    first = empty_shell.run("db", "upgrade", "--json").record
    authority = Authority.open(Settings(database_url=empty_store, secret_key=("k" * 16,)))
    made = tenants.create(authority, "t")

    again = empty_shell.run("db", "upgrade", "--json").record

    kept = list(tenants.list_all(authority))
    authority.store.dispose()
    assert first["from"] is None
    assert (again["from"], again["to"]) == (first["to"], first["to"])
    assert [each.id for each in kept] == [made.id]


def test_upgrade_and_check_say_which_store_and_not_its_password(empty_store: str, tmp_path: Path) -> None:
    url, is_sqlite = make_url(empty_store), empty_store.startswith("sqlite")
    given = url if is_sqlite else url.set(password="hunter2")
    shell = Shell({"RESCIND_DATABASE_URL": given.render_as_string(hide_password=False)})

    told = [shell.run("db", verb, "--json").record["store"] for verb in ("upgrade", "check")]

    public = f"postgresql://{url.username}@/{url.database}?host="
    assert told[0] == told[1]
    assert told[0].startswith(f"{tmp_path}/empty.sqlite3" if is_sqlite else public)
    assert "hunter2" not in told[0]


def test_check_is_content_with_a_migrated_store(empty_store: str, empty_shell: Shell) -> None:
    stores.migrate(empty_store)

    record = empty_shell.run("db", "check", "--json").record

    assert record["current"] == record["head"]
    assert record["differences"] == []


def test_check_refuses_a_store_that_lacks_an_index(empty_store: str, empty_shell: Shell) -> None:
    stores.migrate(empty_store)
    engine = create_engine(Settings(database_url=empty_store).resolved_database_url)
    schema = "" if engine.dialect.name == "sqlite" else "rescind."
    with engine.begin() as connection:
        connection.execute(text(f"DROP INDEX {schema}ix_tokens_tenant_id_purge_at"))
    engine.dispose()

    outcome = empty_shell.run("db", "check", "--json")

    record = json.loads(outcome.out)
    assert outcome.code == 1
    assert len(record["differences"]) == 1
    assert "ix_tokens_tenant_id_purge_at" in record["differences"][0]


NOT_FINISHED = (
    "The upgrade of the store is not finished: run rescind db upgrade --finish once every worker runs this "
    "version.\n"
)


@pytest.fixture
def expanded_store(empty_store: str) -> str:
    """Give a store in which workers of the version before may be left."""
    stores.migrate(empty_store)
    engine = create_engine(Settings(database_url=empty_store).resolved_database_url)
    schema = "" if engine.dialect.name == "sqlite" else "rescind."
    with engine.begin() as connection:
        connection.execute(text(stores.UNSETTLE.format(schema=schema)))
    engine.dispose()
    return empty_store


@pytest.mark.parametrize("arguments", [("db", "check"), ("db", "upgrade")], ids=" ".join)
def test_an_upgrade_that_is_not_finished_is_named_so_and_is_no_fault(
    expanded_store: str, empty_shell: Shell, arguments: tuple[str, ...]
) -> None:
    outcome = empty_shell.run(*arguments, "--json")

    assert outcome.code == 0
    assert outcome.err == NOT_FINISHED


def test_purge_says_why_it_takes_nothing_away(expanded_store: str, empty_shell: Shell) -> None:
    outcome = empty_shell.run("purge", "--yes", "--json")

    assert outcome.code == 0
    assert outcome.said == NOT_FINISHED.rstrip() + " Until then nothing is purged.\n"
    assert set(json.loads(outcome.out).values()) == {0}


def test_upgrade_with_finish_makes_the_last_step(expanded_store: str, empty_shell: Shell) -> None:
    before = empty_shell.run("db", "check", "--json").record
    made = empty_shell.run("db", "upgrade", "--finish", "--json").record
    after = empty_shell.run("db", "check", "--json").record

    assert (before["state"], before["differences"]) == ("expanded", [])
    assert (made["from"], made["to"]) == (stores.EXPANDED, before["head"])
    assert (after["state"], after["differences"]) == ("settled", [])


def test_rebuild_goes_with_finish(bare_shell: Shell) -> None:
    outcome = bare_shell.run("db", "upgrade", "--rebuild")

    assert outcome.code == 2
    assert "--rebuild goes with --finish" in outcome.err


def test_only_a_cluster_can_be_distributed(empty_store: str, empty_shell: Shell) -> None:
    stores.migrate(empty_store)

    outcome = empty_shell.run("db", "distribute", "--json")

    assert outcome.code == 1
    assert outcome.out == ""
    assert "Citus" in outcome.err
