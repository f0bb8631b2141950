"""README and the manual say what the code has: its endpoints, commands, settings, errors and tests."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from authlib.oauth2.rfc6749 import OAuth2Error

from rescind import create_app
from rescind.cli.main import cli
from rescind.errors import StoreUnavailable
from rescind.settings import Settings
from rescind.web.wire import replies
from tests.documents import DOCUMENTS, MANUAL, ROOT, Document

ALL = "".join(document.text for document in DOCUMENTS)
COMMANDS, ENDPOINTS, PROMISES = (MANUAL[topic] for topic in ("commands", "endpoints", "promises"))

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.stem)
each_page = pytest.mark.parametrize("page", MANUAL.values(), ids=MANUAL)


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Give all commands that do something, with their full names."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for part in command.list_commands(context):
        inner = command.get_command(context, part)
        assert inner is not None
        yield from commands(inner, f"{name} {part}")


def own_errors(error: type[OAuth2Error]) -> Iterator[type[OAuth2Error]]:
    """Give the subclasses that the package declares."""
    for each in error.__subclasses__():
        if each.__module__.startswith("rescind."):
            yield each
        yield from own_errors(each)


@each_document
def test_every_link_leads_to_a_heading_that_is_there(document: Document) -> None:
    anchors = {each.path.resolve(): each.anchors() for each in DOCUMENTS}
    links = [(path.resolve(), anchor) for path, anchor in document.links()]

    assert links
    assert [path for path, _ in links if not path.exists()] == []
    assert [(path, anchor) for path, anchor in links if anchor and anchor not in anchors[path]] == []


@each_page
def test_a_page_stands_alone_in_the_folder_of_the_manual(page: Document) -> None:
    folder = page.path.parent.resolve()

    assert {path.resolve().parent for path, _ in page.links()} == {folder}


@each_page
def test_a_page_begins_with_its_title_and_one_line_that_says_what_it_is_about(page: Document) -> None:
    title, opening, _ = page.text.split("\n\n", maxsplit=2)

    assert title == f"# {page.headings()[0]}"
    assert re.fullmatch(r"[A-Z][^\n`*\[|]{10,90}\.", opening)


def test_every_target_that_is_named_is_one_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", ALL, re.MULTILINE))

    assert {"demo", "test", "check"} <= named
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_the_table_of_endpoints_has_every_rule_of_the_server(tmp_path: Path) -> None:
    app = create_app({"RESCIND_INSTANCE_PATH": str(tmp_path)})
    app.extensions["rescind"].authority.store.dispose()
    rows = ENDPOINTS.table("Endpoints")

    assert sorted(row[1].strip("`") for row in rows) == sorted(rule.rule for rule in app.url_map.iter_rules())


def test_the_table_of_commands_has_every_command() -> None:
    cells = " ".join(row[0] for row in COMMANDS.table("Commands"))
    named = re.findall(r"`(rescind(?: [a-z-]+)+)[^`]*`", cells)

    assert sorted(named) == sorted(name for name, _ in commands(cli, "rescind"))


def test_the_table_of_errors_has_every_status_and_code_and_no_other() -> None:
    named = {(each.status_code, each.error) for each in own_errors(OAuth2Error) if each.error}
    of_http = {(status, code) for status, (code, _) in replies._HTTP_ERRORS.items()}
    unexpected = [replies.error_reply(error) for error in (StoreUnavailable(), RuntimeError())]
    others = {(reply.status_code, json.loads(reply.data)["error"]) for reply in unexpected}
    rows = ENDPOINTS.table("Errors")

    assert {(int(row[0]), row[1].strip("`")) for row in rows} == named | of_http | others
    assert len(rows) == len(named | of_http | others)


def test_no_code_is_written_in_the_package_that_the_table_of_errors_lacks() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    written = set(re.findall(r'"error": "(\w+)"', sources))

    assert written
    assert written <= {row[1].strip("`") for row in ENDPOINTS.table("Errors")}


def test_the_errors_of_each_endpoint_stand_in_the_table_of_errors() -> None:
    lines = re.findall(r"^Errors: (.*?)\n\n", ALL, re.MULTILINE | re.DOTALL)
    named = {code for line in lines for code in re.findall(r"`(\w+)`", line)}

    assert len(lines) == 4
    assert named <= {row[1].strip("`") for row in ENDPOINTS.table("Errors")}


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"(?<!_)RESCIND_[A-Z_]+", ALL))

    assert named == {f"RESCIND_{field.name.upper()}" for field in fields(Settings)}


def test_every_option_that_is_named_exists() -> None:
    # Of other programs than ours the text names the program too; `--app` is of flask's, too.
    text = "".join(re.findall(r"`(?!flask db|flask --app \w+ run|gunicorn|make bench)[^`\n]*`", ALL))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    known = {
        option
        for _, command in commands(cli, "rescind")
        for param in command.params
        for option in (*param.opts, *param.secondary_opts)
    }

    assert named - {"--help", "--app"} <= known


def test_every_promise_names_tests_that_exist() -> None:
    rows = PROMISES.table("Promises")
    paths = [re.findall(r"`(tests/[\w./]+)`", row[1]) for row in rows]

    assert [row[0].split()[0] for row in rows] == [f"{number}." for number in (*range(1, 8), 11)]
    assert all(paths)
    assert all((ROOT / path).exists() for named in paths for path in named)
