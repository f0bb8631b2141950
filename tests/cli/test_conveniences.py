"""What somebody meets who tries the commands for the first time."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rescind.cli.output import Output
from rescind.domain.people import users
from tests.cli.event_rows import event_rows
from tests.cli.shell import Shell, on_sqlite
from tests.cli.test_exit_codes import COMMANDS
from tests.servers import Tenant


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_every_command_has_a_text(name: str) -> None:
    command = COMMANDS[name]
    options = [each for each in command.params if isinstance(each, click.Option)]

    assert command.help
    assert [each.opts for each in options if not each.help] == []


@on_sqlite
def test_a_variable_stands_in_for_the_tenant_and_an_option_goes_before_it(
    shell: Shell, tenant: Tenant, other_tenant: Tenant
) -> None:
    tenant.new_client(client_id="here")
    other_tenant.new_client(client_id="there")
    within = Shell({**shell.settings, "RESCIND_TENANT": tenant.name})

    by_variable = within.run("client", "list", "--json").records
    by_option = within.run("client", "list", "--tenant", other_tenant.name, "--json").records

    assert [each["client_id"] for each in by_variable] == ["here"]
    assert [each["client_id"] for each in by_option] == ["there"]


@on_sqlite
def test_without_either_the_variable_is_named(shell: Shell) -> None:
    outcome = shell.run("client", "list", "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert "Missing option '--tenant'" in outcome.err
    assert "RESCIND_TENANT" in shell.run("client", "list", "--help").out


@on_sqlite
@pytest.mark.parametrize("command", [["client", "create"], ["client", "update", "shop"]], ids=" ".join)
def test_a_scope_with_a_comma_is_refused(shell: Shell, tenant: Tenant, command: list[str]) -> None:
    tenant.new_client(client_id="shop", scope="read write")

    outcome = shell.run(*command, "--tenant", tenant.name, "--scope", "read,write", "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert 'have spaces between, and no commas: "read write".' in outcome.err


@on_sqlite
def test_to_issue_for_a_scope_with_a_comma_is_refused_so_too(shell: Shell, tenant: Tenant) -> None:
    tenant.new_client(client_id="shop", scope="read write")
    arguments = ["token", "issue", "--tenant", tenant.name, "--client", "shop", "--scope", "read,write"]

    outcome = shell.run(*arguments)

    assert outcome.code == 1
    assert "no commas" in outcome.err


@pytest.mark.parametrize("command", ["db upgrade", "tenant list"])
@pytest.mark.parametrize("given", ["missing/auth.sqlite3", "missing/deeper/auth.sqlite3", "folder"])
def test_a_sqlite_file_that_can_not_be_there_is_a_wrong_setting(
    bare_shell: Shell, tmp_path: Path, given: str, command: str
) -> None:
    (tmp_path / "folder").mkdir()
    shell = Shell({**bare_shell.settings, "RESCIND_DATABASE_URL": f"sqlite:///{tmp_path}/{given}"})

    outcome = shell.run(*command.split(), "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("rescind: ")
    assert outcome.err.endswith("set RESCIND_DATABASE_URL.\n")
    assert outcome.err.count("\n") == 1
    assert str(tmp_path / given.rpartition("/")[0]) in outcome.err
    assert not (tmp_path / "missing").exists()


@on_sqlite
def test_a_shell_is_told_how_a_line_goes_on(shell: Shell) -> None:
    asking = Shell({**shell.settings, "_RESCIND_COMPLETE": "bash_complete", "COMP_CWORD": "2"})

    commands = Shell({**asking.settings, "COMP_WORDS": "rescind tenant d"}).run()
    options = Shell({**asking.settings, "COMP_WORDS": "rescind purge --d"}).run()
    script = Shell({**shell.settings, "_RESCIND_COMPLETE": "zsh_source"}).run()

    assert commands.out.splitlines() == ["plain,delete", "plain,disable"]
    assert options.out.splitlines() == ["plain,--dry-run"]
    assert (script.code, script.err) == (0, "")
    assert script.out.startswith("#compdef rescind")


@on_sqlite
def test_a_name_is_taken_away_by_an_empty_one(shell: Shell, tenant: Tenant) -> None:
    tenant.new_client(client_id="shop", name="The shop")

    record = shell.run("client", "update", "shop", "--tenant", tenant.name, "--name", "", "--json").record

    assert record["name"] is None


@on_sqlite
@pytest.mark.parametrize(
    "arguments",
    [["client", "create", "--client-id", "new"], ["client", "rotate-secret", "shop"]],
    ids=["create", "rotate-secret"],
)
def test_a_secret_that_was_given_is_not_shown(shell: Shell, tenant: Tenant, arguments: list[str]) -> None:
    tenant.new_client(client_id="shop")
    secret = "chosen-by-the-operator-0123456789"
    given = [*arguments, "--tenant", tenant.name, "--secret", "-", "--json"]

    outcome = shell.run(*given, stdin=secret.encode())

    assert outcome.record.keys() == {"client_id"}
    assert secret not in outcome.out + outcome.err
    assert "can't be shown again" not in outcome.err


@on_sqlite
@pytest.mark.parametrize(
    "arguments",
    [
        ["client", "create", "--secret", "-"],
        ["user", "create", "bob", "--password", "-"],
        ["token", "inspect", "-"],
    ],
    ids=["secret", "password", "token"],
)
def test_several_lines_where_one_value_is_to_come_are_refused(
    shell: Shell, tenant: Tenant, arguments: list[str]
) -> None:
    lines = b"one-of-two-0123456789-0123456789-0123\ntwo-of-two-0123456789-0123456789-0123\n"

    outcome = shell.run(*arguments, "--tenant", tenant.name, "--json", stdin=lines)

    assert (outcome.code, outcome.out) == (2, "")
    assert "Standard input has several lines" in outcome.err
    assert shell.run("client", "list", "--tenant", tenant.name, "--json").records == []
    assert shell.run("user", "list", "--tenant", tenant.name, "--json").records == []


def test_a_long_table_is_not_waited_for_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    read: list[int] = []

    def rows() -> Iterator[dict[str, int]]:
        for number in range(1200):
            if number == 1100:
                read.append(len(capsys.readouterr().out.splitlines()))
            yield {"number": number}

    Output(as_json=False).records(rows(), "")

    assert read == [2 * 501 + 1]
    assert capsys.readouterr().out.split()[-1] == "1199"


@on_sqlite
@pytest.mark.parametrize("kind", ["user", "tenant"])
def test_to_disable_or_enable_what_is_so_already_is_no_error_and_no_event(
    shell: Shell, tenant: Tenant, kind: str
) -> None:
    users.create(tenant.server.authority, tenant.record, "alice")
    named = [tenant.name] if kind == "tenant" else ["alice", "--tenant", tenant.name]

    outcomes = [
        shell.run(kind, act, *named, "--json") for act in ("enable", "disable", "disable", "enable", "enable")
    ]

    assert [each.code for each in outcomes] == [0] * 5
    assert [outcomes[at].record["disabled"] for at in (1, 2)] == [True, True]
    assert (outcomes[2].record["event_id"], outcomes[2].said) == (
        None,
        f"The {kind} {named[0]} was disabled already.\n",
    )
    assert [outcomes[at].record["disabled_at"] for at in (0, 3, 4)] == [None] * 3
    assert len(event_rows(tenant)) == 1


@on_sqlite
def test_an_update_that_is_given_nothing_shows_what_is_there(shell: Shell, tenant: Tenant) -> None:
    tenant.new_client(client_id="orders")
    of_tenant = ["--tenant", tenant.name, "--json"]

    updated = shell.run("client", "update", "orders", *of_tenant).record

    assert updated == shell.run("client", "show", "orders", *of_tenant).record


@pytest.mark.parametrize(
    ("columns", "shown"),
    [("20", "at: 1970-01-01 00:00:00Z\ncause: a\n\nat: 1970-01-01 00:00:01Z\ncause: b\n"), ("40", "at  ")],
    ids=["narrow", "wide"],
)
def test_on_a_terminal_that_is_too_narrow_a_table_stands_as_a_list(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str, shown: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    Output(as_json=False).records([{"at": 0, "cause": "a"}, {"at": 1, "cause": "b"}], "None.")

    assert capsys.readouterr().out.startswith(shown)
