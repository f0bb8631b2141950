"""`rescind revoke access`: what a subject has given one client ends, and nothing else does."""

import unicodedata

from sqlalchemy import update

from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import grants, subjects
from tests import stores
from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.servers import CALLBACK, Client, Tenant, error_of


def access(shell: Shell, client: Client, subject: str, *more: str) -> tuple[str, ...]:
    """Give what is typed."""
    named = ("--tenant", client.tenant.name, "--client", client.client_id, "--subject", subject)
    return ("revoke", "access", *named, "--json", *more)


def test_all_that_a_subject_gave_a_client_ends_and_each_grant_tells_it(
    shell: Shell, tenant: Tenant, mallory: Client
) -> None:
    client = tenant.new_client(redirect_uris=(CALLBACK,), scope="a offline_access")
    sid = tenant.new_session("alice")
    code = client.mint_code("alice", ("a", "offline_access"), session_sid=sid)
    outliving = client.exchange(client.mint_code("alice", ("offline_access",), session_sid=sid)).json()
    issued = [client.issue("alice", session_sid=sid), client.issue("alice")]
    kept = [client.issue("bob"), mallory.issue("alice", session_sid=sid)]
    asker = tenant.new_client(is_resource_server=True)

    counted = shell.run(*access(shell, client, "alice", "--dry-run")).record
    record = shell.run(*access(shell, client, "alice", "--reason", "they asked")).record

    events = event_rows(tenant)
    assert (counted["active_grants"], counted["is_all"]) == (3, True)
    assert record["revoked"] is True
    assert record["event_id"] in {event["id"] for event in events}
    assert {event["selector_value"] for event in events} >= {each.grant_id for each in issued}
    assert [(event["cause"], event["reason"], event["actor"]) for event in events] == [
        ("operator", "they asked", ACTOR)
    ] * 3
    ended = [outliving["access_token"], *(each.access_token for each in issued)]
    assert not any(asker.is_active(token) for token in ended)
    assert error_of(client.exchange(code)) == "invalid_grant"
    assert all(asker.is_active(each.access_token) for each in kept)


@on_sqlite
def test_it_exits_as_the_other_revocations_do(shell: Shell, tenant: Tenant, client: Client) -> None:
    client.issue("alice")

    runs = [shell.run(*access(shell, client, "alice")) for _ in range(2)]
    unknown = shell.run(*access(shell, client, "bob"))
    passed = shell.run(*access(shell, client, "bob", "--if-exists"))

    assert [run.record["revoked"] for run in runs] == [True, False]
    assert runs[1].said == "The access had ended already.\n"
    assert unknown.code == 1
    assert f"The subject bob has given the client {client.client_id} nothing that is kept." in unknown.said
    assert (passed.code, passed.record) == (0, {"revoked": False, "event_id": None})


@on_sqlite
def test_a_name_that_is_stored_in_another_spelling_is_found(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    name = "Zoe\u0308"
    token = client.issue(unicodedata.normalize("NFC", name)).access_token
    for table in (grants, subjects):
        renamed = plain(update(table).where(table.c.tenant_id == TENANT_ID).values(subject=name))
        with stores.transaction(tenant.server.authority.store) as tx:
            tx.rows(renamed, tenant_id=tenant.record.id)
    assert client.is_active(token)

    shell.run(*access(shell, client, unicodedata.normalize("NFC", name)))

    assert [event["selector_kind"] for event in event_rows(tenant)] == ["grant"]
    assert not client.is_active(token)
