"""`rescind tenant`: made, shown, closed and opened."""

from typing import Any

import pytest

from rescind.domain.registry import tenants
from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.servers import Client, Server, Tenant


def endpoints(server: Server, tenant: Tenant) -> dict[str, int]:
    """Ask every path of a tenant, and give the status of each."""
    well_known = f"/.well-known/oauth-authorization-server/t/{tenant.name}/oauth2/token"
    with server.http() as http:
        posted = {name: http.post(f"{tenant.path}/{name}") for name in ("revoke", "introspect", "token")}
        got = {path: http.get(path) for path in (well_known, f"{tenant.path}/token{DISCOVERY}")}
    return {name: reply.status_code for name, reply in (posted | got).items()}


DISCOVERY = "/.well-known/openid-configuration"


def test_create_gives_a_tenant_that_is_served_at_once(server: Server, shell: Shell) -> None:
    name = f"made-{server.new_tenant().name}"

    record = shell.run("tenant", "create", name, "--json").record

    made = Tenant(server, tenants.get(server.authority, name))
    assert (record["tenant"], record["disabled_at"]) == (name, None)
    assert record["issuer"].endswith(f"/t/{name}/oauth2/token")
    assert made.new_client().access_token()


def test_create_refuses_a_name_that_is_taken(shell: Shell, tenant: Tenant) -> None:
    outcome = shell.run("tenant", "create", tenant.name, "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"rescind: The tenant {tenant.name} is there already.\n"


def test_list_prints_one_json_object_a_line(shell: Shell, tenant: Tenant, other_tenant: Tenant) -> None:
    outcome = shell.run("tenant", "list", "--json")

    names = [record["tenant"] for record in outcome.records]
    assert outcome.code == 0
    assert {tenant.name, other_tenant.name} <= set(names)
    assert len(names) == len(set(names))


@on_sqlite
def test_show_is_for_people_without_json(shell: Shell, tenant: Tenant) -> None:
    outcome = shell.run("tenant", "show", tenant.name)

    assert outcome.code == 0
    assert f"tenant: {tenant.name}\n" in outcome.out
    assert "disabled_at: -\n" in outcome.out


LOOK = {
    "display_name": "Bifröst & Co",
    "logo_url": "https://cdn.example/logo.svg",
    "colour": "#ffcc00",
}
BARE = {"display_name": None, "logo_url": None, "colour": None}


def update(shell: Shell, tenant: Tenant, *options: str) -> dict[str, Any]:
    """Run `tenant update`, and give what it says is set now."""
    record = shell.run("tenant", "update", tenant.name, *options, "--json").record
    assert record.pop("tenant") == tenant.name
    return {name: value for name, value in record.items() if name in {*BARE, "logout_ends_offline_access"}}


@pytest.mark.requirement("LGO-04")
@on_sqlite
def test_update_changes_what_is_given_and_leaves_the_rest(shell: Shell, tenant: Tenant) -> None:
    named = update(
        shell, tenant, *("--display-name", LOOK["display_name"]), *("--logo-url", LOOK["logo_url"])
    )
    coloured = update(shell, tenant, "--colour", LOOK["colour"], "--logout-ends-offline-access")
    shown = shell.run("tenant", "show", tenant.name, "--json").record
    emptied = update(shell, tenant, "--display-name", "", "--logo-url", "", "--colour", "")
    turned_off = update(shell, tenant, "--no-logout-ends-offline-access")

    assert named == {**LOOK, "colour": None, "logout_ends_offline_access": False}
    assert coloured == {**LOOK, "logout_ends_offline_access": True}
    assert {name: shown[name] for name in coloured} == coloured
    assert emptied == {**BARE, "logout_ends_offline_access": True}
    assert turned_off == {**BARE, "logout_ends_offline_access": False}


@on_sqlite
def test_update_lets_clients_in_by_their_documents_and_says_what_they_may_ask_for(
    shell: Shell, tenant: Tenant
) -> None:
    on = shell.run(
        *(
            "tenant",
            "update",
            tenant.name,
            "--client-metadata-documents",
            "on",
            "--open-scope",
            "notes",
            "--json",
        )
    ).record
    off = shell.run("tenant", "update", tenant.name, "--client-metadata-documents", "off", "--json").record

    assert (on["client_metadata_documents"], off["client_metadata_documents"]) == (True, False)
    assert on["open_scope"] == off["open_scope"] == ["notes"]


@on_sqlite
def test_update_refuses_in_one_line_and_changes_nothing(shell: Shell, tenant: Tenant) -> None:
    outcome = shell.run("tenant", "update", tenant.name, "--logout-ends-offline-access", "--colour", "red")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("rescind: A colour is # with six")
    assert outcome.err.count("\n") == 1
    assert not tenants.settings_of(tenant.server.authority, tenant.record).logout_ends_offline_access


@pytest.mark.requirement("TEN-10")
@pytest.mark.requirement("LOG-03")
def test_disable_ends_every_token_and_closes_every_path(
    server: Server, shell: Shell, client: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    stranger = other_tenant.new_client()
    token, kept = client.access_token(), stranger.access_token()

    record = shell.run("tenant", "disable", tenant.name, "--json").record

    (event,) = event_rows(tenant)
    assert record == {"tenant": tenant.name, "disabled": True, "event_id": event["id"]}
    assert (event["selector_kind"], event["cause"]) == ("tenant", "tenant-disabled")
    assert event["actor"] == ACTOR
    assert set(endpoints(server, tenant).values()) == {404}
    assert client.introspect(token).status_code == 404
    assert stranger.is_active(kept)


@pytest.mark.requirement("TEN-10")
def test_enable_opens_a_tenant_and_revives_no_token(
    server: Server, shell: Shell, client: Client, tenant: Tenant
) -> None:
    token = client.access_token()
    tenants.disable(server.authority, tenant.name, actor="test")

    record = shell.run("tenant", "enable", tenant.name, "--json").record

    assert record["disabled_at"] is None
    assert not client.is_active(token)
    assert client.is_active(client.access_token())


def test_disable_with_dry_run_counts_and_changes_nothing(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    token = client.access_token()

    record = shell.run("tenant", "disable", tenant.name, "--dry-run", "--json").record

    assert record == {"dry_run": True, "tenant": tenant.name, "active_grants": 1, "is_all": True}
    assert client.is_active(token)
    assert not event_rows(tenant)
