"""`rescind client disable` and `enable`: what they say, what they write down, and when they are refused."""

from pathlib import Path

import pytest
from sqlalchemy import text

from rescind.domain.registry import clients, suspending, tenants
from rescind.errors import Refused
from tests import stores
from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.servers import Client, Tenant
from tests.store.apart import serving


@on_sqlite
def test_each_writes_an_event_and_the_second_time_it_is_refused(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    issued = client.issue("alice")
    at = [client.client_id, "--tenant", tenant.name, "--json"]

    disabled = shell.run("client", "disable", *at, "--reason", "odd calls")
    again = shell.run("client", "disable", *at)
    issuing = shell.run("token", "issue", "--client", *at)
    listed = shell.run("grant", "list", "--tenant", tenant.name, "--json").record
    counted = shell.run("revoke", "client", *at, "--dry-run").record
    shown = shell.run("client", "show", *at).record
    enabled = shell.run("client", "enable", *at)
    enabled_again = shell.run("client", "enable", *at)

    events = event_rows(tenant)
    assert disabled.record == {"client_id": client.client_id, "disabled": True, "event_id": events[0]["id"]}
    assert enabled.record == {"client_id": client.client_id, "disabled": False, "event_id": events[1]["id"]}
    assert [(each["selector_kind"], each["selector_value"], each["cause"]) for each in events] == [
        ("client", client.client_id, "client-disabled"),
        ("client", client.client_id, "client-enabled"),
    ]
    assert (events[0]["reason"], events[0]["actor"]) == ("odd calls", ACTOR)
    assert [run.code for run in (again, issuing, enabled_again)] == [0, 1, 0]
    assert (again.record["event_id"], enabled_again.record["event_id"]) == (None, None)
    assert "was disabled already" in again.said
    assert "was not disabled" in enabled_again.said
    assert "until an operator enables it again" in issuing.said
    assert (listed["state"], counted["active_grants"]) == ("suspended", 1)
    assert shown["disabled_at"] is not None
    assert client.is_active(issued.access_token)


@on_sqlite
def test_one_is_kept_out_by_its_url_before_it_comes_where_it_could_come(shell: Shell, tenant: Tenant) -> None:
    authority, url = tenant.server.authority, "https://app.example/client.json"
    at = ["client", "disable", url, "--tenant", tenant.name, "--json"]

    closed = shell.run(*at)
    tenants.update(authority, tenant.record, {"client_metadata_documents": True})
    counted = shell.run(*at, "--dry-run").record
    was_there = [each.client_id for each in clients.list_all(authority, tenant.record)]
    done = shell.run(*at, "--reason", "spam")

    assert (closed.code, counted["active_grants"], was_there) == (1, 0, [])
    assert (done.code, event_rows(tenant)[0]["selector_value"]) == (0, url)
    made = clients.get(authority, tenant.record, url)
    assert (made.provenance, made.redirect_uris) == ("document", ())
    assert made.disabled_at is not None


def test_while_workers_of_the_version_before_may_be_left_no_client_is_disabled(tmp_path: Path) -> None:
    url = stores.new_migrated_file(tmp_path / "rescind.sqlite3")
    with (
        serving(url, tmp_path) as server,
        server.authority.store.opened(is_writing=True) as connection,
    ):
        connection.execute(text(stores.UNSETTLE.format(schema="")))
    with serving(url, tmp_path) as server:
        client = server.new_tenant().new_client()

        with pytest.raises(Refused, match="--finish"):
            suspending.disable(server.authority, client.tenant.record, client.client_id, actor="test")

        assert client.is_active(client.access_token())
