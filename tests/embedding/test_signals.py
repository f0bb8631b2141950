"""The signal `revoked`: after the commit, by whom, to whom, and what a receiver can't do."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rescind import Client, Subject, Tenant
from tests import servers
from tests.embedding.hosts import Host, hosting


class Receiver:
    """Notes what it hears, and what is true by then."""

    def __init__(self, look: Callable[[], object] = lambda: None) -> None:
        self.look = look
        self.heard: list[tuple[object, Any]] = []
        self.seen: list[object] = []

    def __call__(self, sender: object, revocation: Any) -> None:
        """Receive the signal."""
        self.heard.append((sender, revocation))
        self.seen.append(self.look())

    @property
    def kinds(self) -> list[str]:
        """What ended, each time."""
        return [revocation.kind for _, revocation in self.heard]


@pytest.fixture
def connect(host: Host) -> Iterator[Callable[..., Receiver]]:
    """Connect a receiver for the time of a test."""
    with ExitStack() as stack:

        def connect(receiver: Any, **to: Any) -> Any:
            stack.enter_context(host.rescind.revoked.connected_to(receiver, **to))
            return receiver

        yield connect


def fail(sender: object, revocation: Any) -> None:
    """Be a receiver with a fault."""
    raise RuntimeError("a receiver of the host is broken")


def test_it_tells_who_what_and_why_once_the_revocation_is_committed(
    host: Host, client: servers.Client, connect: Callable[..., Receiver]
) -> None:
    token = client.issue("alice").access_token
    receiver = connect(Receiver(lambda: client.is_active(token)))

    done = host.rescind.revoke(Subject(client.tenant.name, "alice"), cause="moved-away", actor="host:clerk")

    assert receiver.heard == [(host.rescind.authority, done)]
    assert (done.tenant, done.kind, done.value) == (client.tenant.name, "subject", "alice")
    assert (done.cause.name, done.cause.actor) == ("moved-away", "host:clerk")
    assert receiver.seen == [False]


@pytest.mark.requirement("REV-07")
def test_over_http_too_and_not_for_a_revocation_that_changed_nothing(
    client: servers.Client, connect: Callable[..., Receiver]
) -> None:
    token = client.access_token()
    receiver = connect(Receiver())

    statuses = [client.revoke(token).status_code, client.revoke(token).status_code]

    assert statuses == [200, 200]
    assert receiver.kinds == ["token"]
    assert not client.is_active(token)


def test_of_what_is_not_there_nothing_is_told(
    host: Host, tenant: servers.Tenant, connect: Callable[..., Receiver]
) -> None:
    receiver = connect(Receiver())

    done = host.rescind.revoke(Client(tenant.name, "nobody"), cause="test")

    assert not done.revoked
    assert receiver.heard == []


def test_a_receiver_that_fails_is_logged_and_changes_nothing(
    host: Host, client: servers.Client, connect: Callable[..., Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    token = client.access_token()
    connect(fail)
    others = [connect(Receiver()), connect(Receiver())]

    reply = client.revoke(token)

    assert (reply.status_code, reply.content) == (200, b"")
    assert not client.is_active(token)
    assert [receiver.kinds for receiver in others] == [["token"], ["token"]]
    assert "a receiver of the signal 'revoked' failed" in caplog.text


def test_a_receiver_may_ask_for_one_of_two_hosts_alone(
    host: Host, client: servers.Client, connect: Callable[..., Receiver], tmp_path: Path
) -> None:
    with hosting(tmp_path / "other", {"SQLALCHEMY_DATABASE_URI": "sqlite:///other.sqlite3"}) as other:
        other.rescind.upgrade()
        other.server.new_tenant("elsewhere").new_session("alice")
        here = connect(Receiver(), sender=host.rescind.authority)
        everywhere = connect(Receiver())

        other.rescind.revoke(Subject("elsewhere", "alice"), cause="test")
        host.rescind.revoke(Tenant(client.tenant.name), cause="test")

        assert here.kinds == ["tenant"]
        assert [sender for sender, _ in everywhere.heard] == [other.rescind.authority, host.rescind.authority]
