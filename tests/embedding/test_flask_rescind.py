"""`flask rescind`: the commands, on what the application has mounted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import FlaskGroup

from rescind import Subject
from rescind.cli.embedded import rescind
from rescind.cli.main import cli
from rescind.domain.registry import keys, tenants
from rescind.errors import SettingsError, StoreUnavailable
from tests.documents import MANUAL
from tests.embedding.hosts import Host, configured, hosting
from tests.protocol.id_tokens import lose_signing_key
from tests.servers import Client, Tenant

Run = Callable[..., Result]

MOUNTED = "flask --app <yours> rescind"


@pytest.fixture
def flask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Flask], Run]:
    """Give the `flask` command of an application; it finds ours as it does in any environment."""
    # Set by the command itself, for the time of its process.
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")

    def of(app: Flask) -> Run:
        group = FlaskGroup(create_app=lambda: app)
        return lambda *arguments: CliRunner().invoke(group, arguments)

    return of


def record(result: Result) -> dict[str, Any]:
    """Read the one JSON object that a command has printed."""
    assert result.exit_code == 0, result.output
    read: dict[str, Any] = json.loads(result.stdout)
    return read


def test_it_works_on_the_store_of_the_application(
    host: Host, tenant: Tenant, flask: Callable[[Flask], Run]
) -> None:
    name = f"of-{tenant.name}"

    made = record(flask(host.app)("rescind", "tenant", "create", name, "--json"))

    assert made["tenant"] == name
    assert tenants.get(host.rescind.authority, name).name == name


@pytest.mark.requirement("CAS-08")
def test_what_it_issues_is_active_and_what_it_revokes_is_dead(
    host: Host, client: Client, flask: Callable[[Flask], Run]
) -> None:
    run, of_tenant = flask(host.app), ["--tenant", client.tenant.name, "--json"]
    issue = ["rescind", "token", "issue", "--client", client.client_id, *of_tenant, "--subject"]
    token, kept = (record(run(*issue, subject))["access_token"] for subject in ("alice", "bob"))
    before = client.is_active(token)

    revoked = record(run("rescind", "revoke", "subject", "alice", *of_tenant))

    assert before
    assert revoked["revoked"] is True
    assert not client.is_active(token)
    assert client.is_active(kept)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["tenant", "show", "nowhere"], 1, "rescind: There is no tenant 'nowhere'.\n"),
        (["tenant", "create", "a b"], 1, "rescind: A tenant name is"),
        (["tenant", "create"], 2, "Usage: "),
    ],
    ids=["not there", "bad value", "usage"],
)
def test_its_exit_codes_are_those_of_the_rescind_command(
    host: Host, flask: Callable[[Flask], Run], arguments: list[str], code: int, sentence: str
) -> None:
    result = flask(host.app)("rescind", *arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(sentence)


def test_a_store_that_is_not_migrated_is_3_and_the_command_that_helps_does(
    tmp_path: Path, flask: Callable[[Flask], Run]
) -> None:
    with hosting(tmp_path, {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"}) as new:
        run = flask(new.app)

        before = run("rescind", "tenant", "list")
        upgraded = run("rescind", "db", "upgrade")
        after = run("rescind", "tenant", "list")

        assert (before.exit_code, upgraded.exit_code, after.exit_code) == (3, 0, 0)
        path = tmp_path / "instance" / "rescind.sqlite3"
        assert before.stderr == f"rescind: The store {path} is not migrated: run {MOUNTED} db upgrade.\n"
        assert f"store: {tmp_path}/instance/rescind.sqlite3\n" in upgraded.stdout
        assert (tmp_path / "instance" / "rescind.sqlite3").exists()


def test_a_table_that_is_missing_is_told_to_the_application_with_the_command_that_it_has(
    tmp_path: Path,
) -> None:
    with (
        hosting(tmp_path, {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"}) as new,
        pytest.raises(StoreUnavailable, match=f"run {MOUNTED} db upgrade"),
    ):
        new.rescind.revoke(Subject("bifrost", "alice"), cause="test")


def test_a_signing_key_that_is_lost_is_told_to_the_application_with_the_command_that_it_has(
    host: Host, tenant: Tenant
) -> None:
    lose_signing_key(tenant)

    with pytest.raises(SettingsError, match=f"key: {MOUNTED} keys rotate"):
        keys.signing_key(host.rescind.authority, tenant.record.id)


def test_it_shows_the_manual_and_leaves_the_store_alone(
    tmp_path: Path, flask: Callable[[Flask], Run]
) -> None:
    with hosting(tmp_path, {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"}) as new:
        shown = flask(new.app)("rescind", "manual", "embedding")

    assert (shown.exit_code, shown.stdout) == (0, MANUAL["embedding"].text)
    assert not (tmp_path / "instance" / "rescind.sqlite3").exists()


def test_an_application_that_has_not_mounted_it_is_2(tmp_path: Path, flask: Callable[[Flask], Run]) -> None:
    result = flask(configured(tmp_path, {}))("rescind", "tenant", "list")

    assert (result.exit_code, result.stderr) == (2, "rescind: This application has not mounted Rescind.\n")


def test_an_application_that_does_not_start_for_a_bad_setting_is_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")

    def create_app() -> Flask:
        with hosting(tmp_path, {"RESCIND_AUDIT_DAY": 1, "SQLALCHEMY_DATABASE_URI": "sqlite://"}) as host:
            return host.app

    result = CliRunner().invoke(FlaskGroup(create_app=create_app), ["rescind", "tenant", "list"])

    assert result.exit_code == 2
    assert result.stderr.startswith("rescind: RESCIND_AUDIT_DAY is no setting of Rescind; did you mean")


def test_it_has_every_command_but_those_that_serve() -> None:
    assert isinstance(rescind, click.Group)
    context = click.Context(rescind)
    assert set(rescind.list_commands(context)) == set(cli.list_commands(context)) - {"serve", "demo"}
    assert rescind.get_command(context, "serve") is None
