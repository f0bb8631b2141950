"""`rescind manual`."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from rescind.cli.markdown import lay_out
from tests.cli.shell import Shell
from tests.documents import MANUAL

TOPICS = [
    "asgardeo",
    "commands",
    "embedding",
    "endpoints",
    "operation",
    "production",
    "promises",
    "recipes",
    "resource-servers",
    "settings",
]
# Neither could be worked with: the one is no setting, and at the other there is no store.
UNUSABLE = {"RESCIND_NOTHING": "1", "RESCIND_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}


@pytest.fixture
def shell() -> Shell:
    """Give a shell in which every command fails that looks at its settings or at the store."""
    return Shell(UNUSABLE)


def read_at_terminal(shell: Shell, folder: Path, *arguments: str) -> str:
    """Run a command on a terminal of 80 columns; gives what its pager was given to show."""
    pager, shown = folder / "pager", folder / "shown"
    pager.write_text(f"#!/bin/sh\ncat > {shown}\n")
    pager.chmod(0o755)
    keyboard, terminal = pty.openpty()
    reading = Shell({**shell.settings, "PAGER": str(pager), "COLUMNS": "80", "TERM": "xterm"})
    process = reading.start(*arguments, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    code = process.wait(timeout=60)
    os.close(keyboard)
    assert code == 0
    return shown.read_text(encoding="utf-8")


def test_without_a_topic_it_lists_them_with_a_line_each(shell: Shell) -> None:
    listed = shell.run("manual")

    assert (listed.code, listed.err) == (0, "")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["topic", *TOPICS]
    assert "\nsettings          Every option with its default, unit, range and meaning.\n" in listed.out


def test_with_json_it_lists_an_object_a_line(shell: Shell) -> None:
    listed = shell.run("manual", "--json").records

    assert [record["topic"] for record in listed] == TOPICS
    assert listed[-1]["about"] == "Every option with its default, unit, range and meaning."


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_that_is_piped_is_its_markdown(shell: Shell, topic: str) -> None:
    piped = shell.run("manual", topic)

    assert (piped.code, piped.out, piped.err) == (0, MANUAL[topic].text, "")


def test_a_page_is_piped_under_a_locale_that_lacks_its_characters(shell: Shell) -> None:
    western = Shell({**shell.settings, "PYTHONIOENCODING": "latin-1"})

    piped, _ = western.start("manual", "settings", stdout=subprocess.PIPE).communicate(timeout=60)

    assert piped.decode() == MANUAL["settings"].text


def test_with_json_a_page_is_one_object(shell: Shell) -> None:
    record = shell.run("manual", "operation", "--json").record

    assert record == {"topic": "operation", "text": MANUAL["operation"].text}


def test_an_unknown_topic_is_wrong_usage_and_answered_with_those_there_are(shell: Shell) -> None:
    refused = shell.run("manual", "../errors")

    assert (refused.code, refused.out) == (2, "")
    assert all(f"'{topic}'" in refused.err for topic in TOPICS)


def test_on_a_terminal_a_page_is_laid_out_and_paged(shell: Shell, tmp_path: Path) -> None:
    shown = read_at_terminal(shell, tmp_path, "manual", "settings")

    title, *lines = shown.splitlines()
    assert title.strip() == "Settings"
    assert max(map(len, lines)) <= 80
    assert not any(markup in shown for markup in ("| ---", "<!--", "`"))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("topic", ["endpoints", "settings"])
def test_on_a_terminal_no_name_in_a_table_is_broken(
    topic: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [line for line in MANUAL[topic].text.splitlines() if line.startswith("| ")]
    names = {name for row in rows for name in re.findall(r"RESCIND_\w+|/t/<tenant>[\w/<>-]+", row)}

    shown = lay_out(MANUAL[topic].text)

    assert {name for name in names if len(name) < columns - 2} <= set(re.findall(r"[\w/<>-]+", shown))
    assert names


def test_on_a_terminal_a_table_that_is_too_wide_stands_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    lines = [line.rstrip() for line in lay_out(MANUAL["settings"].text).splitlines()]

    at = lines.index("RESCIND_SESSION_SECONDS")
    assert lines[at + 1 : at + 4] == ["  default: 28800", "  unit: seconds", "  range: 60 to 31536000"]


def test_on_a_terminal_nothing_of_a_page_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = MANUAL["endpoints"]

    shown = lay_out(page.text)

    assert shown.count("…") == page.text.count("…")
    lines = [line for block in page.blocks("sh", "json") for line in block.text.splitlines()]
    assert max(map(len, lines)) > 80
    assert set(lines) <= {line.rstrip() for line in shown.splitlines()}
