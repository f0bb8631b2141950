"""The recipe with Flask-Login: a sign-in that is remembered is as old as it is, and ends with the rest."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from rescind import Rescind, Subject
from rescind.domain import clock
from tests.documents import MANUAL

NOW = 1_800_000_000
SIGN_IN = {"name": "alice", "password": "correct horse battery staple", "remember": "on"}


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    clock.follow_host()
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates
    clock.follow_host(is_followed=False)


@pytest.fixture
def members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: object) -> Iterator[Any]:
    (text,) = (block.text for block in MANUAL["recipes"].blocks("py") if block.text.startswith("# members"))
    (tmp_path / "members_of_a_test.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("members_of_a_test").create_app({"TESTING": True})
    del sys.modules["members_of_a_test"]


@pytest.fixture
def rescind(members: Any) -> Iterator[Rescind]:
    mounted: Rescind = members.extensions["rescind"]
    members.test_cli_runner().invoke(args=["rescind", "tenant", "create", "bifrost"])
    yield mounted
    mounted.authority.store.dispose()


@pytest.fixture
def browser(members: Any, rescind: Rescind) -> FlaskClient:
    browser: FlaskClient = members.test_client()
    browser.post("/login", data=SIGN_IN)
    return browser


def test_who_is_remembered_is_signed_in_at_rescind_too(browser: FlaskClient) -> None:
    browser.delete_cookie("session")

    assert browser.get("/").text == "Hello, alice"
    assert browser.get("/t/bifrost/account").status_code == 200


def test_what_ended_here_ends_the_hosts_sign_in_and_what_it_remembers(
    browser: FlaskClient, rescind: Rescind, at: time_machine.Traveller
) -> None:
    browser.get("/t/bifrost/account")
    at.shift(5)
    rescind.revoke(Subject("bifrost", "alice"), cause="a test")
    gone = [browser.get("/").status_code, browser.get("/t/bifrost/account").status_code]
    browser.delete_cookie("session")
    gone += [browser.get("/").status_code, browser.get("/t/bifrost/account").status_code]
    at.shift(5)
    browser.post("/login", data=SIGN_IN)

    assert gone == [401, 303] * 2
    assert browser.get("/t/bifrost/account").status_code == 200
