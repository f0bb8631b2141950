"""`rescind client`: the commands by which something of a client ends."""

import pytest

from rescind.domain.registry import clients
from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.servers import Client, Tenant, error_of


def test_rotate_secret_refuses_the_old_one_at_once_and_keeps_the_tokens(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    token = client.access_token()

    record = shell.run("client", "rotate-secret", client.client_id, "--tenant", tenant.name, "--json").record

    renewed = Client(tenant, client.client_id, record["client_secret"])
    assert client.introspect(token).status_code == 401
    assert renewed.is_active(token)


@on_sqlite
def test_rotate_secret_with_dry_run_keeps_the_old_one(shell: Shell, client: Client, tenant: Tenant) -> None:
    arguments = ["client", "rotate-secret", client.client_id, "--tenant", tenant.name, "--dry-run", "--json"]

    record = shell.run(*arguments).record

    assert record == {"dry_run": True, "client_id": client.client_id, "has_secret": True}
    assert client.access_token()


@pytest.mark.requirement("REG-04")
def test_rfc7592_s2_3_delete_ends_every_token_and_the_secret_at_once(
    shell: Shell, client: Client, mallory: Client, resource_server: Client, tenant: Tenant
) -> None:
    issued, own, kept = client.issue("alice"), client.access_token(), mallory.issue("alice")

    record = shell.run("client", "delete", client.client_id, "--tenant", tenant.name, "--json").record

    assert record["deleted"] is True
    assert not resource_server.is_active(issued.access_token)
    assert not resource_server.is_active(own)
    assert resource_server.is_active(kept.access_token)
    assert client.post("token", grant_type="client_credentials").status_code == 401
    assert client.refresh(issued.refresh_token or "").status_code == 401


@pytest.mark.requirement("REG-04")
def test_rfc7592_s2_3_what_a_client_had_stays_dead_when_its_id_is_registered_again(
    shell: Shell, client: Client, resource_server: Client, tenant: Tenant
) -> None:
    issued = client.issue("alice")
    clients.delete(tenant.server.authority, tenant.record, client.client_id, actor="test")
    options = ["--client-id", client.client_id, "--scope", "read write", "--json"]

    record = shell.run("client", "create", "--tenant", tenant.name, *options).record

    again = Client(tenant, client.client_id, record["client_secret"])
    refreshed = again.refresh(issued.refresh_token or "")
    assert not resource_server.is_active(issued.access_token)
    assert (refreshed.status_code, error_of(refreshed)) == (400, "invalid_grant")
    assert client.post("token", grant_type="client_credentials").status_code == 401
    assert resource_server.is_active(again.access_token())


@pytest.mark.requirement("LOG-03")
def test_delete_writes_one_event_that_says_who_and_why(shell: Shell, client: Client, tenant: Tenant) -> None:
    record = shell.run("client", "delete", client.client_id, "--tenant", tenant.name, "--json").record

    (event,) = event_rows(tenant)
    assert event["id"] == record["event_id"]
    assert (event["selector_kind"], event["selector_value"]) == ("client", client.client_id)
    assert (event["cause"], event["actor"]) == ("client-deleted", ACTOR)


def test_delete_with_dry_run_counts_and_changes_nothing(shell: Shell, client: Client, tenant: Tenant) -> None:
    token = client.access_token()

    record = shell.run(
        "client", "delete", client.client_id, "--tenant", tenant.name, "--dry-run", "--json"
    ).record

    assert record == {"dry_run": True, "client_id": client.client_id, "active_grants": 1, "is_all": True}
    assert client.is_active(token)
    assert not event_rows(tenant)


@on_sqlite
def test_delete_of_a_client_that_is_not_there_is_refused(shell: Shell, tenant: Tenant) -> None:
    outcome = shell.run("client", "delete", "nobody", "--tenant", tenant.name, "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.said == f"rescind: There is no client 'nobody' in the tenant {tenant.name}.\n"
