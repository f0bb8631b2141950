"""`rescind token`, `rescind grant` and `rescind session`."""

import signal
import subprocess

import pytest

from tests.cli.shell import Shell, on_sqlite
from tests.servers import Client, Tenant


def test_issue_gives_tokens_that_work(shell: Shell, client: Client, tenant: Tenant) -> None:
    options = ["--client", client.client_id, "--subject", "alice", "--scope", "read", "--expires-in", "60"]

    record = shell.run("token", "issue", "--tenant", tenant.name, *options, "--json").record

    introspected = client.introspect(record["access_token"]).json()
    assert (record["token_type"], record["scope"]) == ("Bearer", "read")
    assert 0 < record["expires_in"] <= 60
    assert (introspected["active"], introspected["sub"], introspected["scope"]) == (True, "alice", "read")
    assert client.refresh(record["refresh_token"]).status_code == 200


def test_issue_gives_as_many_as_asked_for_each_in_a_grant_of_its_own(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    options = ["--client", client.client_id, "--count", "3", "--json"]

    issued = shell.run("token", "issue", "--tenant", tenant.name, *options).records

    client.revoke(issued[0]["access_token"])
    assert len({record["grant_id"] for record in issued}) == 3
    assert all("refresh_token" not in record for record in issued)
    assert [client.is_active(record["access_token"]) for record in issued] == [False, True, True]


@on_sqlite
def test_issue_as_text_has_an_empty_line_between_two(shell: Shell, client: Client, tenant: Tenant) -> None:
    options = ["--client", client.client_id, "--count", "2"]

    outcome = shell.run("token", "issue", "--tenant", tenant.name, *options)

    issued = outcome.out.split("\n\n")
    assert [text.count("access_token: ") for text in issued] == [1, 1]


@on_sqlite
def test_issue_stops_without_a_word_when_its_reader_has_gone(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    arguments = ["token", "issue", "--tenant", tenant.name, "--client", client.client_id, "--count", "1000"]
    with shell.start(*arguments, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()

        process.stdout.close()

        complaint = process.stderr.read()
    assert process.returncode == 128 + signal.SIGPIPE
    assert complaint == b""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--subject", ""], "A subject is 1 to 255 characters without control characters."),
        (["--scope", "read admin"], "The scope is more than the client"),
        (["--client", "nobody"], "There is no client nobody in an open tenant"),
    ],
    ids=["empty subject", "scope of others", "unknown client"],
)
@on_sqlite
def test_issue_refuses_in_one_line(
    shell: Shell, client: Client, tenant: Tenant, options: list[str], sentence: str
) -> None:
    arguments = ["token", "issue", "--tenant", tenant.name, "--client", client.client_id]

    outcome = shell.run(*arguments, *options, "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"rescind: {sentence}")
    assert outcome.err.count("\n") == 1


@on_sqlite
def test_nothing_is_issued_about_a_user_who_is_disabled(shell: Shell, client: Client, tenant: Tenant) -> None:
    named = ["--tenant", tenant.name]
    issue = ["token", "issue", *named, "--client", client.client_id, "--subject", "kim"]
    shell.run("user", "create", "kim", *named)
    shell.run("user", "disable", "kim", *named, "--yes")

    outcome = shell.run(*issue)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("rescind: kim is disabled")
    shell.run("user", "enable", "kim", *named)
    assert shell.run(*issue).code == 0


@on_sqlite
def test_inspect_tells_of_a_token_from_standard_input(shell: Shell, client: Client, tenant: Tenant) -> None:
    issued = client.issue("alice", ("read",))
    stdin = f"{issued.access_token}\n".encode()

    outcome = shell.run("token", "inspect", "-", "--tenant", tenant.name, "--json", stdin=stdin)

    record = outcome.record
    assert (record["active"], record["kind"], record["client_id"]) == (True, "access", client.client_id)
    assert (record["subject"], record["scope"]) == ("alice", "read")
    assert record["grant_id"] == issued.grant_id
    assert issued.access_token not in outcome.out


@on_sqlite
def test_inspect_tells_that_a_token_was_ended(shell: Shell, client: Client, tenant: Tenant) -> None:
    token = client.access_token()
    client.revoke(token)

    record = shell.run("token", "inspect", token, "--tenant", tenant.name, "--json").record

    assert (record["active"], record["ended"], record["expired"]) == (False, True, False)


@on_sqlite
def test_inspect_knows_nothing_of_the_token_of_another_tenant(
    shell: Shell, client: Client, other_tenant: Tenant
) -> None:
    token = client.access_token()

    record = shell.run("token", "inspect", token, "--tenant", other_tenant.name, "--json").record

    assert record == {"active": False}


def test_grant_list_shows_those_of_a_subject_and_a_client_with_their_state(
    shell: Shell, client: Client, mallory: Client, tenant: Tenant
) -> None:
    active, ended = client.issue("alice"), client.issue("alice")
    client.issue("bob")
    mallory.issue("alice")
    client.revoke(ended.access_token)
    options = ["--subject", "alice", "--client", client.client_id, "--json"]

    outcome = shell.run("grant", "list", "--tenant", tenant.name, *options)

    states = {record["grant_id"]: record["state"] for record in outcome.records}
    assert states == {active.grant_id: "active", ended.grant_id: "ended"}


def test_session_list_shows_those_with_a_grant_of_a_client(shell: Shell, tenant: Tenant) -> None:
    client = tenant.new_client()
    sid = tenant.new_session("alice")
    tenant.new_session("alice")
    client.issue(session_sid=sid)

    options = ["--tenant", tenant.name, "--client", client.client_id, "--json"]
    records = shell.run("session", "list", *options).records

    assert [record["session"] for record in records] == [sid]


def test_session_list_shows_those_of_a_subject(shell: Shell, tenant: Tenant) -> None:
    sid = tenant.new_session("alice")
    tenant.new_session("bob")

    records = shell.run("session", "list", "--tenant", tenant.name, "--subject", "alice", "--json").records

    assert [(record["session"], record["state"]) for record in records] == [(sid, "active")]
