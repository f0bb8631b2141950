"""The record of a revocation: one for each that changed something, and none for one that did not."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from rescind.domain import clock, secrets
from rescind.domain.registry import clients, tenants
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.store.tables import revocations
from tests.servers import Client, Server, Tenant

NOW = 1_800_000_000
TOKEN = secrets.new_access_token()


@dataclass
class Journal:
    """The records of a tenant."""

    server: Server
    tenant: Tenant

    def read(self) -> list[dict[str, Any]]:
        """Give them as they stand in the store, without their own ids and how long they are kept."""
        statement = select(revocations).where(revocations.c.tenant_id == self.tenant.record.id)
        with self.server.authority.store.opened() as tx:
            rows = tx.execute(statement.order_by(revocations.c.id)).mappings().all()
        return [
            {name: row[name] for name in row if name not in {"tenant_id", "id", "purge_at"}} for row in rows
        ]


@pytest.fixture
def journal(server: Server, tenant: Tenant) -> Journal:
    return Journal(server, tenant)


@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_client_revokes_its_token(journal: Journal, client: Client, kind: str) -> None:
    clock.set(NOW)
    issued = client.issue()
    token = getattr(issued, kind)

    reply = client.post("revoke", headers={"X-Request-ID": "request-1"}, token=token)

    assert reply.headers["X-Request-ID"] == "request-1"
    assert journal.read() == [
        {
            "at": NOW,
            "selector_kind": "token",
            "selector_value": secrets.digest(token).hex()[:16],
            "grant_id": issued.grant_id,
            "client_id": client.client_id,
            "subject": "alice",
            "cause": "revocation-endpoint",
            "reason": None,
            "actor": f"client:{client.client_id}",
            "request_id": "request-1",
        }
    ]
    assert not client.is_active(token)


@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize(
    "headers",
    [{}, *({"X-Request-ID": given} for given in ("", "a b", "x" * 65, 'x","a":"b', "../x", "x;y", TOKEN))],
    ids=["none", "empty", "space", "too-long", "quotes", "slash", "semicolon", "token"],
)
def test_a_request_without_a_proper_id_is_given_one(
    journal: Journal, client: Client, headers: dict[str, str]
) -> None:
    reply = client.post("revoke", headers=headers, token=client.access_token())

    (record,) = journal.read()
    assert record["request_id"] == reply.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", record["request_id"])


@pytest.mark.requirement("LOG-03")
@pytest.mark.settings(refresh_grace_seconds=0)
def test_a_replaced_refresh_token_comes_back(journal: Journal, client: Client) -> None:
    issued = client.issue()
    old = str(issued.refresh_token)
    new = client.refresh(old).json()

    reply = client.refresh(old)

    (record,) = journal.read()
    assert (record["selector_kind"], record["selector_value"]) == ("grant", issued.grant_id)
    assert record["cause"] == "refresh-token-reuse"
    assert record["actor"] == f"client:{client.client_id}"
    assert record["request_id"] == reply.headers["X-Request-ID"]
    assert not client.is_active(new["access_token"])


BULK: dict[str, Callable[[Client], selectors.Selector]] = {
    "subject": lambda client: selectors.Subject(client.tenant.name, "alice"),
    "client": lambda client: selectors.Client(client.tenant.name, client.client_id),
    "tenant": lambda client: selectors.Tenant(client.tenant.name),
}


@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize("kind", BULK)
def test_an_operator_revokes_all_of_something(
    journal: Journal, server: Server, client: Client, kind: str
) -> None:
    clock.set(NOW)
    token = client.issue("alice").access_token
    cause = Cause(OPERATOR, "operator:root", "the laptop was stolen", "request-2")

    done = revoke(server.authority, BULK[kind](client), cause)

    (record,) = journal.read()
    assert done.event_id is not None
    assert (record["at"], record["selector_kind"]) == (NOW, kind)
    assert record["selector_value"] in {"alice", client.client_id, client.tenant.name}
    assert (record["cause"], record["reason"]) == ("operator", "the laptop was stolen")
    assert (record["actor"], record["request_id"]) == ("operator:root", "request-2")
    assert not client.is_active(token)


@pytest.mark.requirement("LOG-03")
def test_a_client_is_deleted(journal: Journal, server: Server, client: Client, tenant: Tenant) -> None:
    clients.delete(server.authority, tenant.record, client.client_id, actor="operator:root")

    (record,) = journal.read()
    assert (record["selector_kind"], record["selector_value"]) == ("client", client.client_id)
    assert record["cause"] == "client-deleted"


@pytest.mark.requirement("LOG-03")
def test_a_tenant_is_disabled(journal: Journal, server: Server, tenant: Tenant) -> None:
    tenants.disable(server.authority, tenant.name, actor="operator:root")

    (record,) = journal.read()
    assert (record["selector_kind"], record["selector_value"]) == ("tenant", tenant.name)
    assert record["cause"] == "tenant-disabled"


NOTHING_TO_END: dict[str, Callable[[Client], str]] = {
    "unknown": lambda client: secrets.new_access_token(),
    "of-another-client": lambda client: client.tenant.new_client().access_token(),
    "of-another-tenant": lambda client: client.tenant.server.new_tenant().new_client().access_token(),
}


@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize("make", NOTHING_TO_END.values(), ids=NOTHING_TO_END)
def test_a_revocation_that_ended_nothing_is_not_recorded(
    journal: Journal, client: Client, make: Callable[[Client], str]
) -> None:
    client.revoke(make(client))

    assert journal.read() == []


@pytest.mark.requirement("LOG-03")
def test_a_second_revocation_is_not_recorded(journal: Journal, client: Client) -> None:
    issued = client.issue()

    replies = [client.revoke(issued.access_token), client.revoke(str(issued.refresh_token))]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert len(journal.read()) == 1


@pytest.mark.requirement("LOG-03")
def test_of_eight_revocations_at_once_one_is_recorded(journal: Journal, client: Client) -> None:
    token = client.access_token()

    with ThreadPoolExecutor(8) as threads:
        replies = [future.result() for future in [threads.submit(client.revoke, token) for _ in range(8)]]

    assert [reply.status_code for reply in replies] == [200] * 8
    assert len(journal.read()) == 1
    assert not client.is_active(token)


@pytest.mark.requirement("LOG-03")
def test_no_record_holds_a_token(journal: Journal, client: Client) -> None:
    issued = client.issue()

    client.revoke(str(issued.refresh_token))

    text = repr(journal.read())
    assert issued.access_token not in text
    assert str(issued.refresh_token) not in text
    assert secrets.digest(str(issued.refresh_token)).hex() not in text


@pytest.mark.requirement("LOG-03")
def test_to_revoke_what_has_expired_is_recorded_for_hosts_whose_clock_is_behind(
    journal: Journal, client: Client
) -> None:
    clock.set(NOW)
    token = client.access_token()
    clock.set(NOW + client.tenant.server.authority.settings.access_token_seconds)

    client.revoke(token)

    clock.set(NOW)
    assert len(journal.read()) == 1
    assert not client.is_active(token)
