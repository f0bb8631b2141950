"""0 done, 1 refused, 2 wrong usage or setting, 3 the store is unavailable; and one line on standard error."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rescind.cli.main import cli
from rescind.version import __version__
from tests.cli.shell import Shell, on_sqlite
from tests.patience import LONG_SECONDS, allowed
from tests.servers import Client, Tenant, free_port


def leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


COMMANDS = dict(leaves(cli))
DESTRUCTIVE = [
    *("tenant disable", "tenant delete", "client rotate-secret", "client delete", "user delete", "purge"),
    *(f"revoke {kind}" for kind in ("token", "grant", "session", "subject", "client", "tenant")),
]
CONTRACT = [
    *("demo", "serve", "db upgrade", "db check", "purge", "grant list", "session list"),
    *(f"tenant {name}" for name in ("create", "list", "show", "disable", "enable")),
    *(f"client {name}" for name in ("create", "list", "show", "update", "rotate-secret", "delete")),
    *("token issue", "token inspect", "audit list", "keys list", "tenant delete"),
    *(f"user {name}" for name in ("create", "list", "show", "delete", "set-password")),
    *(f"revoke {kind}" for kind in ("token", "grant", "session", "subject", "client", "tenant")),
]


def options(name: str) -> set[str]:
    """Give the options of a command."""
    return {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_command_of_the_contract_is_there_and_takes_json(name: str) -> None:
    assert "--json" in options(name)


def test_no_command_goes_without_json() -> None:
    assert [name for name in COMMANDS if "--json" not in options(name)] == []


@pytest.mark.parametrize("name", DESTRUCTIVE)
def test_a_destructive_command_has_dry_run_and_yes(name: str) -> None:
    assert options(name) >= {"--dry-run", "--yes"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["tenant", "create"],
        ["revoke", "token", "x"],
        ["token", "issue", "--tenant", "t", "--client", "c", "--count", "0"],
        ["client", "create", "--tenant", "t", "--grant-type", "password"],
        ["client", "create", "--tenant", "t", "--jwks-file", "/no/such/file"],
    ],
    ids=["command", "argument left out", "option left out", "number", "choice", "file"],
)
def test_wrong_usage_says_what_is_wrong(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error: " in result.stderr


def test_wrong_usage_exits_with_2(bare_shell: Shell) -> None:
    outcome = bare_shell.run("tenant", "create", "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert "Missing argument 'NAME'" in outcome.err


def test_version_is_told(bare_shell: Shell) -> None:
    outcome = bare_shell.run("--version")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"rescind, version {__version__}\n"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("RESCIND_AUDIT_DAY", "1", "RESCIND_AUDIT_DAY is no setting of Rescind; did you mean"),
        ("RESCIND_DATABASE_URL", "mysql://u:hidden@h/d", "RESCIND_DATABASE_URL must be"),
    ],
    ids=["unknown", "bad"],
)
def test_a_setting_that_is_wrong_is_one_line_and_makes_nothing(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path / "instance"), name: value})

    outcome = shell.run("db", "upgrade", "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"rescind: {sentence}")
    assert outcome.err.count("\n") == 1
    assert "hidden" not in outcome.err
    assert not (tmp_path / "instance").exists()


def test_a_database_that_refuses_connections_is_unavailable(tmp_path: Path) -> None:
    url = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/none"
    shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path), "RESCIND_DATABASE_URL": url})

    outcome = shell.run("revoke", "subject", "alice", "--tenant", "t", "--json")

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.said.startswith("rescind: The store can't be used (connection refused): ")
    assert "hidden" not in outcome.err


def test_a_database_that_never_answers_is_given_up_within_six_seconds(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody:hidden@127.0.0.1:{silent.getsockname()[1]}/none"
        shell = Shell({"RESCIND_INSTANCE_PATH": str(tmp_path), "RESCIND_DATABASE_URL": url})
        before = time.monotonic()
        shell.run("--version")
        started = time.monotonic()

        outcome = shell.run("tenant", "list", "--json")

        seconds = time.monotonic() - started - (started - before)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("rescind: The store can't be used (timed out): ")
    # Without what it takes to start a process, which is the machine's affair.
    assert seconds < allowed(6)


@on_sqlite
def test_an_output_that_is_full_is_one_line(shell: Shell, tenant: Tenant) -> None:
    with open("/dev/full", "wb") as full:
        process = shell.start("tenant", "show", tenant.name, stdout=full, stderr=-1)
        _, complaint = process.communicate(timeout=LONG_SECONDS)

    assert process.returncode == 1
    assert complaint == b"rescind: No space left on device.\n"


@on_sqlite
def test_a_value_from_an_empty_standard_input_is_wrong_usage(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    token = client.access_token()

    outcome = shell.run("revoke", "client", "-", "--tenant", tenant.name, "--json", stdin=b"\n")

    assert (outcome.code, outcome.out) == (2, "")
    assert "Standard input is empty" in outcome.err
    assert client.is_active(token)
