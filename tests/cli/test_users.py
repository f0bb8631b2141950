"""`rescind user`."""

import os
import pty
import subprocess

import pytest

from rescind.domain.people import users
from rescind.store import users as rows
from tests import stores
from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.domain.people.signing_in import PASSWORD, enter, gives_active_tokens, new_user, outcome
from tests.patience import LONG_SECONDS
from tests.servers import Client, Tenant

pytestmark = pytest.mark.usefixtures("cheap_hashes")
NEW_PASSWORD = "another horse altogether"


def at_terminal(shell: Shell, *arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run a command on a terminal, answering each question as it comes.

    Returns:
        The exit code, and all that stood on the terminal.
    """
    keyboard, terminal = pty.openpty()
    process = shell.start(
        *arguments, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    shown = ""
    for question, answer in answers:
        while not shown.rpartition("\n")[2].endswith(question):
            shown += os.read(keyboard, 1000).decode().replace("\r", "")
        os.write(keyboard, f"{answer}\n".encode())
    process.communicate(timeout=LONG_SECONDS)
    os.close(keyboard)
    return process.returncode, shown


def test_create_makes_somebody_who_can_sign_in(shell: Shell, tenant: Tenant) -> None:
    line = f"{PASSWORD}\n".encode()
    arguments = ["user", "create", "alice", "--tenant", tenant.name, "--password", "-"]

    outcome_ = shell.run(*arguments, "--json", stdin=line)

    assert PASSWORD not in outcome_.out + outcome_.err
    assert (outcome_.record["username"], outcome_.record["has_password"]) == ("alice", True)
    assert outcome(tenant) == "in"


@on_sqlite
def test_create_without_a_password_makes_somebody_who_waits_for_one(shell: Shell, tenant: Tenant) -> None:
    record = shell.run("user", "create", "alice", "--tenant", tenant.name, "--json").record

    assert record["has_password"] is False
    assert outcome(tenant, password="") == "refused"


@on_sqlite
def test_create_on_a_terminal_asks_twice_and_shows_nothing(shell: Shell, tenant: Tenant) -> None:
    answers = [("(empty: none yet): ", PASSWORD), ("The same again: ", PASSWORD)]

    code, shown = at_terminal(shell, "user", "create", "alice", "--tenant", tenant.name, answers=answers)

    assert code == 0
    assert PASSWORD not in shown
    assert outcome(tenant) == "in"


@on_sqlite
@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (["create", "alice"], b"", 1, "rescind: The user 'alice' is there already.\n"),
        (["create", "--password", "short", "bob"], b"", 1, "rescind: A password is 8 to 1024 characters"),
        (["create", "--password", "-", "bob"], b"", 2, "Standard input is empty"),
        (["set-password", "alice"], b"", 2, 'Without a terminal, give --password; "-" reads it'),
        (["set-password", "bob", "--password", NEW_PASSWORD], b"", 1, "rescind: There is no user 'bob'"),
        (["disable", "bob"], b"", 1, "rescind: There is no user 'bob'"),
    ],
    ids=[
        *["taken", "short password", "nothing to read", "no password", "set for nobody"],
        "disable nobody",
    ],
)
def test_what_can_not_be_done_is_refused_in_one_sentence(
    shell: Shell, tenant: Tenant, arguments: list[str], stdin: bytes, code: int, said: str
) -> None:
    new_user(tenant, password=None)

    refused = shell.run("user", *arguments, "--tenant", tenant.name, "--json", stdin=stdin)

    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err
    assert event_rows(tenant) == []


def test_set_password_ends_all_of_the_user(shell: Shell, tenant: Tenant, client: Client) -> None:
    new_user(tenant)
    before, offline = enter(tenant), client.issue("alice")
    arguments = ["user", "set-password", "alice", "--tenant", tenant.name, "--password", "-", "--json"]

    record = shell.run(*arguments, stdin=NEW_PASSWORD.encode()).record

    (event,) = event_rows(tenant)
    assert record == {"username": "alice", "password_set": True, "event_id": event["id"]}
    assert (event["cause"], event["actor"]) == ("password-changed", ACTOR)
    assert not client.is_active(offline.access_token)
    assert not gives_active_tokens(client, before)
    assert [outcome(tenant), outcome(tenant, password=NEW_PASSWORD)] == ["refused", "in"]


@on_sqlite
def test_set_password_on_a_terminal_asks_before_anything_ends(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    new_user(tenant)
    token = client.issue("alice").access_token
    answers = [("New password: ", NEW_PASSWORD), ("The same again: ", NEW_PASSWORD), ("[y/N]: ", "n")]

    code, shown = at_terminal(
        shell, "user", "set-password", "alice", "--tenant", tenant.name, answers=answers
    )

    assert code == 1
    assert NEW_PASSWORD not in shown
    assert client.is_active(token)
    assert outcome(tenant) == "in"


def test_disable_and_enable_end_what_was_and_revive_nothing(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    new_user(tenant)
    offline = client.issue("alice")
    named = ["alice", "--tenant", tenant.name, "--json"]

    disabled = shell.run("user", "disable", *named).record
    kept_out = outcome(tenant)
    enabled = shell.run("user", "enable", *named).record

    (event,) = event_rows(tenant)
    assert disabled == {"username": "alice", "disabled": True, "event_id": event["id"]}
    assert (event["cause"], kept_out, enabled["disabled_at"]) == ("user-disabled", "refused", None)
    assert not client.is_active(offline.access_token)
    assert outcome(tenant) == "in"


@on_sqlite
@pytest.mark.parametrize("name", ["disable", "set-password", "delete"])
def test_dry_run_counts_and_changes_nothing(shell: Shell, tenant: Tenant, client: Client, name: str) -> None:
    new_user(tenant)
    token = client.issue("alice").access_token

    record = shell.run("user", name, "alice", "--tenant", tenant.name, "--dry-run", "--json").record

    assert record == {"dry_run": True, "username": "alice", "active_grants": 1, "is_all": True}
    assert client.is_active(token)
    assert outcome(tenant) == "in"
    assert event_rows(tenant) == []


@on_sqlite
def test_list_shows_everybody_by_name_over_several_pages_and_who_is_disabled(
    shell: Shell, tenant: Tenant, other_tenant: Tenant
) -> None:
    authority = tenant.server.authority
    names = [f"user{number:04}" for number in range(1001)]
    with stores.transaction(authority.store) as tx:
        for name in names:
            rows.create(tx, tenant.record.id, name, None)
    users.create(authority, other_tenant.record, "stranger")
    users.disable(authority, tenant.record, names[500], actor="operator:tests")

    records = shell.run("user", "list", "--tenant", tenant.name, "--json").records

    assert [each["username"] for each in records] == names
    assert [each["username"] for each in records if each["disabled_at"] is not None] == [names[500]]
    assert records[0].keys() >= {"username", "has_password", "created_at", "disabled_at"}


@on_sqlite
def test_list_of_nobody_says_so(shell: Shell, tenant: Tenant) -> None:
    outcome_ = shell.run("user", "list", "--tenant", tenant.name)

    assert (outcome_.code, outcome_.out) == (0, "")
    assert outcome_.err.startswith("This tenant has no user yet")


def test_delete_ends_what_was_and_the_name_comes_back_without_it(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    new_user(tenant)
    offline = client.issue("alice")
    assert client.is_active(offline.access_token)
    named = ["alice", "--tenant", tenant.name, "--json"]

    deleted = shell.run("user", "delete", *named).record
    gone = shell.run("user", "show", *named)
    shell.run("user", "create", *named)
    shown = shell.run("user", "show", *named).record

    events = event_rows(tenant)
    told = [(event["cause"], event["actor"], event["subject"]) for event in events]
    assert told == [("user-deleted", ACTOR, "alice")]
    assert deleted == {"username": "alice", "deleted": True, "event_id": events[0]["id"]}
    assert (gone.code, gone.out) == (1, "")
    assert (shown["username"], shown["has_password"], shown["disabled_at"]) == ("alice", False, None)
    assert not client.is_active(offline.access_token)
    assert outcome(tenant) == "refused"
