"""What a command does not load: most of the time of a short one goes into imports."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from flask import Flask

import rescind
from rescind.cli.main import cli
from rescind.cli.on_demand import PARTS
from rescind.starting import instance_path
from tests.cli.shell import Shell, on_sqlite
from tests.servers import Tenant

OF_THE_STORE = {"sqlalchemy", "psycopg", "cryptography", "joserfc"}
OF_THE_SERVER = {"flask", "flask_sqlalchemy", "authlib", "gunicorn", "httpx", "structlog", "argon2", "jinja2"}
OF_FEW = {"alembic", "rich.console", "rich.table"}
RUN = """
import json, sys
from rescind.cli import main
sys.argv = ["rescind", *sys.argv[1:]]
code = 0
try:
    main()
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
OF_FLASK = """
import json, sys
from importlib.metadata import entry_points
import flask.cli
before = set(sys.modules)
(ours,) = [each for each in entry_points(group="flask.commands") if each.name == "rescind"]
ours.load()
print(json.dumps([0, sorted(set(sys.modules) - before)]), file=sys.stderr)
"""


def loaded(shell: Shell, program: str, arguments: Sequence[str] = ()) -> tuple[int, set[str]]:
    """Run a program in an interpreter of its own; gives its exit code and the modules that it has loaded."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=shell.environment, capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--help"], 0), (["--version"], 0), (["no-such-command"], 2)],
    ids=["help", "version", "wrong usage"],
)
def test_what_tells_only_of_commands_loads_none(bare_shell: Shell, arguments: list[str], code: int) -> None:
    ended, modules = loaded(bare_shell, RUN, arguments)

    assert ended == code
    assert "click" in modules
    assert modules & (OF_THE_STORE | OF_THE_SERVER | OF_FEW) == set()


@on_sqlite
@pytest.mark.parametrize(
    "arguments",
    [("client", "list"), ("token", "issue", "--client", "orders"), ("revoke", "token", "x", "--if-exists")],
    ids=" ".join,
)
def test_a_command_on_the_store_loads_no_server_and_no_migrations(
    shell: Shell, tenant: Tenant, arguments: tuple[str, ...]
) -> None:
    tenant.new_client(client_id="orders")

    ended, modules = loaded(shell, RUN, [*arguments, "--tenant", tenant.name])

    assert ended == 0
    assert "sqlalchemy" in modules
    assert modules & (OF_THE_SERVER | OF_FEW | {"joserfc"}) == set()
    assert [name for name in modules if name.startswith("rescind.web")] == []


def test_a_flask_command_of_another_application_loads_a_name_and_no_more(bare_shell: Shell) -> None:
    _, modules = loaded(bare_shell, OF_FLASK)

    assert "rescind.cli.embedded" in modules
    assert modules & (OF_THE_STORE | OF_THE_SERVER | OF_FEW) == set()
    assert [name for name in modules if name.startswith(("rescind.domain", "rescind.store"))] == []


def test_the_list_of_commands_says_what_they_say_themselves() -> None:
    context = click.Context(cli)
    commands = {name: cli.get_command(context, name) for name in PARTS}

    said = {name: (command.get_short_help_str(200) if command else "") for name, command in commands.items()}

    assert said == {name: part.does for name, part in PARTS.items()}


def test_names_are_completed_without_an_import() -> None:
    completed = cli.shell_complete(click.Context(cli), "t")

    assert [(each.value, each.help) for each in completed] == [
        ("tenant", PARTS["tenant"].does),
        ("token", PARTS["token"].does),
    ]


def test_every_public_name_is_there_when_it_is_asked_for() -> None:
    assert [name for name in rescind.__all__ if getattr(rescind, name, None) is None] == []
    assert set(rescind.__all__) <= set(dir(rescind))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        rescind.Nonsense  # noqa: B018


def test_the_instance_folder_is_that_of_flask() -> None:
    assert Path(instance_path()) == Path(Flask("rescind").instance_path)
