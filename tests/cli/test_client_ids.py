"""Client ids of any printable ASCII, typed and shown; one that begins with a hyphen stands behind `--`."""

from tests.cli.shell import Shell, on_sqlite
from tests.protocol.client_ids import each_id
from tests.servers import Client, Tenant


@on_sqlite
@each_id
def test_the_command_line_takes_and_shows_it(shell: Shell, tenant: Tenant, client_id: str) -> None:
    at = ["--tenant", tenant.name]

    made = shell.run("client", "create", *at, f"--client-id={client_id}", "--json").record
    shown = shell.run("client", "show", *at, "--json", "--", client_id).record
    listed = shell.run("client", "list", *at)
    issued = shell.run("token", "issue", *at, f"--client={client_id}", "--subject", "alice", "--json").record
    ended = shell.run("revoke", "client", *at, "--json", "--", client_id, stdin=f"{client_id}\n".encode())

    assert (made["client_id"], shown["client_id"]) == (client_id, client_id)
    assert client_id in listed.out
    assert ended.record["revoked"] is True
    named = Client(tenant, client_id, made["client_secret"])
    assert not named.is_active(issued["access_token"])
