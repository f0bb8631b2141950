"""`rescind registration-token`, and what `rescind tenant update --registration` lets in."""

from rescind.store.tables import registration_tokens
from tests.cli.shell import Shell, on_sqlite
from tests.domain import purges
from tests.protocol.registering import register
from tests.servers import Tenant


@on_sqlite
def test_a_token_is_shown_once_lets_clients_register_and_is_taken_away(shell: Shell, tenant: Tenant) -> None:
    of_tenant = ("--tenant", tenant.name, "--json")
    changed = shell.run("tenant", "update", tenant.name, "--registration", "token", "--json").record
    made = shell.run("registration-token", "create", "--uses", "2", "--expires-in", "60", *of_tenant).record

    first = register(tenant, token=made["registration_token"], client_name="Ledger")

    (listed,) = shell.run("registration-token", "list", *of_tenant).records
    assert changed["registration"] == "token"
    assert first.status_code == 201
    assert listed == {
        "id": made["id"],
        "uses_left": 1,
        "created_at": made["created_at"],
        "expires_at": made["created_at"] + 60,
    }
    (client,) = shell.run("client", "list", *of_tenant).records
    assert (client["name"], client["unverified"]) == ("Ledger", True)
    deleted = shell.run("registration-token", "delete", made["id"], "--yes", *of_tenant).record
    assert deleted == {"id": made["id"], "deleted": True}
    assert register(tenant, token=made["registration_token"]).status_code == 401
    assert purges.rows(tenant, registration_tokens.name) == [0]


@on_sqlite
def test_what_names_no_token_is_refused(shell: Shell, tenant: Tenant) -> None:
    named = [
        shell.run("registration-token", "delete", each, "--tenant", tenant.name).said
        for each in ("0123456789abcdef", "any")
    ]

    assert named == [
        f"rescind: There is no such registration token in the tenant {tenant.name}.\n",
        "rescind: A registration token is named by itself or by its id, 16 digits of 0-9 a-f.\n",
    ]
