"""Mounting: on one application, on several, twice; and what two in one process know of each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind, Subject
from rescind.errors import SettingsError
from tests.embedding.hosts import Base, Host, configured, disposed, hosting


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Host]:
    """Give another host in this process, with a Rescind of its own on a store of its own."""
    with hosting(tmp_path / "other", {"SQLALCHEMY_DATABASE_URI": "sqlite:///other.sqlite3"}) as other:
        other.rescind.upgrade()
        yield other


def test_a_second_rescind_on_one_application_is_refused(host: Host) -> None:
    with pytest.raises(SettingsError, match="has a Rescind already; one application mounts one"):
        Rescind(host.app, host.db)

    assert host.server.new_tenant().new_client().access_token()


def test_one_that_was_made_for_an_application_is_not_mounted_on_another(host: Host, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="make one without, for init_app"):
        host.rescind.init_app(configured(tmp_path / "other", {}))


def test_one_that_is_not_mounted_says_so(host: Host) -> None:
    with host.app.app_context(), pytest.raises(SettingsError, match=r"Call rescind\.init_app\(app\) first"):
        Rescind().revoke(Subject("bifrost", "alice"), cause="test")


def test_two_applications_in_one_process_know_nothing_of_each_others_tenants_and_tokens(
    host: Host, other: Host
) -> None:
    tenant = host.server.new_tenant()
    namesake = other.server.new_tenant(tenant.name)
    client, stranger = tenant.new_client(client_id="shop"), namesake.new_client(client_id="shop")
    token, kept = client.issue("alice").access_token, stranger.issue("alice").access_token

    host.rescind.revoke(Subject(tenant.name, "alice"), cause="test")

    assert not client.is_active(token)
    assert stranger.is_active(kept)
    assert not client.is_active(kept)


class Factory:
    """A host with a factory: the extensions stand in its modules, the applications come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = SQLAlchemy(metadata=Base.metadata)
        self.rescind = Rescind(tenant="bifrost")
        self.made: list[Flask] = []

    def make(self, name: str) -> Host:
        """Make an application with a database of its own."""
        app = configured(self.folder / name, {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"})
        self.db.init_app(app)
        self.rescind.init_app(app, self.db)
        self.made.append(app)
        with app.app_context():
            self.rescind.upgrade()
        return Host(app, self.db, self.rescind)


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[Factory]:
    """Give a host with a factory."""
    factory = Factory(tmp_path)
    yield factory
    for app in factory.made:
        disposed(app, factory.db, factory.rescind)


def test_a_factory_may_mount_one_rescind_on_many_applications(factory: Factory) -> None:
    first, second = factory.make("first"), factory.make("second")
    with first.app.app_context():
        client = first.server.new_tenant("bifrost").new_client()
        token = client.issue("alice").access_token
    with second.app.app_context():
        namesake = second.server.new_tenant("bifrost").new_client()
        ended = namesake.issue("alice").access_token

        factory.rescind.revoke(Subject("bifrost", "alice"), cause="test")

    assert client.is_active(token)
    assert not namesake.is_active(ended)


def test_one_of_a_factory_is_used_within_an_application(factory: Factory) -> None:
    factory.make("first")

    with pytest.raises(SettingsError, match=r"within app\.app_context\(\)"):
        factory.rescind.revoke(Subject("bifrost", "alice"), cause="test")


def test_what_an_application_has_in_its_extensions_needs_no_context(factory: Factory) -> None:
    first, second = factory.make("first"), factory.make("second")
    mounted = [host.app.extensions["rescind"].authority for host in (first, second)]

    with second.app.app_context():
        current = first.app.extensions["rescind"].authority

    assert [authority.settings.instance_path for authority in mounted] == [
        first.app.instance_path,
        second.app.instance_path,
    ]
    assert current is mounted[0]


def test_require_token_without_its_parentheses_is_a_type_error_that_says_so() -> None:
    wrong: Any = Rescind(tenant="bifrost").require_token

    with pytest.raises(TypeError, match="with parentheses"):
        wrong(lambda: "the orders")


@pytest.mark.parametrize("named", ["alice", None, Subject])
def test_revoking_what_is_no_selector_is_a_type_error_that_says_so(host: Host, named: Any) -> None:
    with pytest.raises(TypeError, match="takes a selector, as Subject"):
        host.rescind.revoke(named, cause="test")
