"""`--resource` and `--default-resource`: what resource servers answer for, and tokens are meant for."""

from tests.cli.shell import Shell, on_sqlite
from tests.servers import Client, Tenant

NOTES = "https://notes.example/mcp"


@on_sqlite
def test_an_operator_issues_a_token_for_a_resource_and_sees_it(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    named = ["--tenant", tenant.name, "--json"]
    server = ["--client-id", "notes", "--resource-server", "--resource", "HTTPS://Notes.example/mcp/"]
    shell.run("client", "create", *named, *server)
    shown = shell.run("client", "show", "notes", *named).record
    issue = ["token", "issue", *named, "--client", client.client_id]

    issued = shell.run(*issue, "--resource", f"{NOTES}/").record
    default = shell.run("tenant", "update", tenant.name, "--default-resource", NOTES, "--json").record
    by_default = shell.run(*issue, "--subject", "alice").record

    assert shown["resources"] == [NOTES]
    assert shell.run("token", "inspect", issued["access_token"], *named).record["aud"] == [f"{NOTES}/"]
    assert default["default_resource"] == NOTES
    assert shell.run("token", "inspect", by_default["access_token"], *named).record["aud"] == [NOTES]
    (listed,) = shell.run("grant", "list", "--subject", "alice", *named).records
    assert listed["aud"] == [NOTES]


@on_sqlite
def test_what_nobody_answers_for_is_refused_in_one_line(shell: Shell, client: Client, tenant: Tenant) -> None:
    named = ["--tenant", tenant.name]
    refused = [
        shell.run("token", "issue", *named, "--client", client.client_id, "--resource", NOTES),
        shell.run("tenant", "update", tenant.name, "--default-resource", NOTES),
        shell.run("client", "create", *named, "--resource-server", "--resource", "notes"),
        shell.run("client", "create", *named, "--resource", NOTES),
    ]

    assert [(each.code, each.out) for each in refused] == [(1, "")] * 4
    assert [each.err.split(": ")[1].partition(" ")[0] for each in refused] == ["No", "No", "A", "Only"]
