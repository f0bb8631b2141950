"""What a person takes back from an app: all of it, at a cost that does not grow with each grant."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from rescind.domain import clock
from rescind.domain.people import connected
from rescind.domain.people.connected import list_connected
from rescind.domain.revoking.access import disconnect
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.epochs import of_subject
from rescind.domain.revoking.hooks import revoked
from rescind.domain.secrets import digest
from rescind.store import sessions as session_rows
from rescind.store.tables import revocations
from tests.domain.test_spellings import COMPOSED, DECOMPOSED, write_as_the_version_before
from tests.hot_requests import sent
from tests.servers import Client, Tenant

NOW = 1_800_000_000
CAUSE = Cause("test", "operator:test", reason="as asked", request_id="r-1")


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


def remove(client: Client) -> list[Revocation]:
    """Take back all that alice has given a client."""
    return disconnect(client.tenant.server.authority, client.tenant.record, "alice", client.client_id, CAUSE)


def events_of(tenant: Tenant) -> set[tuple[str, ...]]:
    """Give what the audit log says about a tenant."""
    of = revocations.c
    with tenant.server.authority.store.opened() as connection:
        found = connection.execute(
            select(
                *(of.id, of.selector_kind, of.selector_value, of.grant_id, of.client_id),
                *(of.cause, of.actor, of.reason, of.request_id),
            ).where(of.tenant_id == tenant.record.id)
        )
        return {tuple(row) for row in found}


def test_what_had_expired_with_its_session_does_not_come_back_when_that_is_renewed(
    tenant: Tenant, client: Client
) -> None:
    sid = tenant.new_session("alice", lifetime_seconds=60)
    token = client.issue("alice", session_sid=sid).access_token
    authority = tenant.server.authority
    with authority.store.reading() as tx:
        session = session_rows.find(tx, tenant.record.id, sid)
    clock.set(NOW + 61)
    remove(client)

    # A renewal that began before the session expired and comes to its end after the removal.
    clock.set(NOW + 59)
    renewed = authority.store.transact(
        lambda tx: session_rows.begin(
            tx,
            tenant.record.id,
            sid="another",
            known=session,
            cookie_digest=digest(sid),
            subject="alice",
            signed_in_at=None,
            tenant_epoch=tenant.record.epoch,
            subject_epoch=of_subject(authority, tenant.record.id, "alice"),
            lifetime_seconds=3600,
        )
    )

    assert renewed == sid
    assert not client.is_active(token)


def test_each_grant_that_ends_has_its_event_and_its_signal(tenant: Tenant, client: Client) -> None:
    grants = {client.issue("alice").grant_id for _ in range(3)}
    client.issue("bob")
    heard: list[Revocation] = []

    def hear(_: object, revocation: Revocation) -> None:
        heard.append(revocation)

    with revoked.connected_to(hear, sender=tenant.server.authority):
        done = remove(client)

    assert heard == done
    assert {each.value for each in done} == grants
    assert events_of(tenant) == {
        (
            *(each.event_id, "grant", each.value, each.value, client.client_id),
            *("test", "operator:test", "as asked", "r-1"),
        )
        for each in done
    }
    assert remove(client) == []


def test_many_grants_cost_no_more_statements_than_one(client: Client) -> None:
    counts = []
    for count in (1, 30):
        tokens = [client.issue("alice").access_token for _ in range(count)]
        with sent() as statements:
            assert len(remove(client)) == count
        assert not any(client.is_active(token) for token in tokens)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_of_very_many_grants_the_newest_say_what_an_app_may_and_the_oldest_since_when(
    client: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connected, "_MOST_LOOKED_AT", 2)
    other = tenant.new_client()
    for seconds, scope in enumerate(("old", "read", "write")):
        clock.set(NOW + seconds)
        client.issue("alice", (scope,))
    other.issue("alice", ("read", "mail"))
    other.issue("bob", ("secret",))
    clock.set(NOW + 10)

    found = {each.client_id: each for each in list_connected(tenant.server.authority, tenant.record, "alice")}

    assert set(found) == {client.client_id, other.client_id}
    mine = found[client.client_id]
    assert (set(mine.scope), mine.given_at, mine.token_issued_at) == ({"read", "write"}, NOW, NOW + 2)
    assert set(found[other.client_id].scope) == {"read", "mail"}
    remove(client)
    assert [each.client_id for each in list_connected(tenant.server.authority, tenant.record, "alice")] == [
        other.client_id
    ]


@pytest.mark.parametrize("signed_in", [COMPOSED, DECOMPOSED], ids=["composed", "decomposed"])
def test_what_older_rows_have_under_another_spelling_is_the_same_persons(
    client: Client, tenant: Tenant, signed_in: str
) -> None:
    authority, record = tenant.server.authority, tenant.record
    older = client.issue(COMPOSED, ("mail",)).access_token
    write_as_the_version_before(tenant)
    clock.set(NOW + 5)
    newer = client.issue(COMPOSED, ("notes",)).access_token
    assert all(map(client.is_active, (older, newer)))

    (listed,) = list_connected(authority, record, signed_in)
    ended = disconnect(authority, record, signed_in, client.client_id, CAUSE)

    assert (set(listed.scope), listed.given_at, listed.token_issued_at) == ({"mail", "notes"}, NOW, NOW + 5)
    assert len(ended) == 2
    assert not any(map(client.is_active, (older, newer)))
