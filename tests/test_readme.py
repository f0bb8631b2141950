"""README: the first ten minutes, done as they stand there, and the way on to the manual."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

from tests.documents import MANUAL, README
from tests.reader import Reader

MAKE = ("Try it",)
FIRST = ("Five minutes", "From Asgardeo")
MOUNTED = ("In a Flask application",)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give the module of the application in short, with the tables and the client that its commands make."""
    (block,) = README.blocks("python")
    name, _, text = block.text.removeprefix("# ").partition("\n")
    (tmp_path / name).write_text(text, encoding="utf-8")
    Reader.new(tmp_path).types(README.shell(*MOUNTED))
    monkeypatch.syspath_prepend(tmp_path)
    # Set by the command itself, for the time of its process.
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.delitem(sys.modules, Path(name).stem, raising=False)
    module: Any = importlib.import_module(Path(name).stem)
    yield module
    module.rescind.authority.store.dispose()


def flask(module: Any, line: str) -> str:
    """Run a line of the `flask` command on the application of a module; gives what it printed."""
    done = CliRunner().invoke(FlaskGroup(create_app=lambda: module.app), line.split())
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_is_read_in_ten_minutes() -> None:
    assert len(README.text.splitlines()) < 250


def test_every_shell_block_belongs_to_a_section_that_is_run() -> None:
    assert {block.section for block in README.blocks("sh")} == {*MAKE, *FIRST, *MOUNTED}


def test_try_it_is_two_targets() -> None:
    lines = [line for block in README.shell(*MAKE) for line in block.text.splitlines()]

    assert lines == ["make demo", "make test"]


def test_the_first_minutes_and_what_goes_on_from_them_print_the_answers_that_are_shown(
    tmp_path: Path,
) -> None:
    pages = [MANUAL[topic] for topic in ("asgardeo", "commands", "endpoints")]
    # README's server runs on.
    going_on = [block for page in pages for block in page.blocks("sh") if not block.is_server]

    shown, printed = Reader.new(tmp_path).shown_and_printed(
        [*README.shell(*FIRST), *going_on], README, *pages
    )

    assert printed == shown
    assert [printed[0]["active"], *printed[1:3]] == [True, {"active": False}, ["False"]]
    assert printed[3]["scope"] == "read write"


def test_the_application_in_short_refuses_what_its_command_has_revoked(shop: Any) -> None:
    issued = flask(shop, "rescind token issue --tenant bifrost --client phone --subject alice")
    token = dict(line.split(": ") for line in issued.splitlines())["access_token"]
    shown = {"Authorization": f"Bearer {token}"}
    before = shop.app.test_client().get("/orders", headers=shown)

    flask(shop, "let-go alice")

    after = shop.app.test_client().get("/orders", headers=shown)
    assert (before.status_code, before.text) == (200, "the orders of alice\n")
    assert after.status_code == 401
    assert 'error="invalid_token"' in after.headers["WWW-Authenticate"]


def test_it_leads_on_to_every_page_of_the_manual() -> None:
    rows = README.table("Where to read on")
    linked = [
        f"[{page.headings()[0]}]({page.path.relative_to(README.path.parent)})" for page in MANUAL.values()
    ]

    assert sorted(row[0] for row in rows) == sorted(linked)
