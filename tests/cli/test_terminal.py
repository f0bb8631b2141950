"""What is asked on a terminal before something is lost."""

import os
import pty

import pytest

from tests.cli.shell import Shell, on_sqlite
from tests.servers import Client, Tenant

pytestmark = on_sqlite


def at_terminal(shell: Shell, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a command with a terminal as its standard input; gives its exit code and what it said."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, typed.encode())
    outcome = shell.run(*arguments, stdin=terminal)
    os.close(terminal)
    os.close(keyboard)
    return outcome.code, outcome.err


def commands(client: Client) -> dict[str, list[str]]:
    """Give commands that end every token of a client."""
    named = [client.client_id, "--tenant", client.tenant.name]
    return {
        "revoke": ["revoke", "client", *named],
        "delete": ["client", "delete", *named],
        "disable": ["tenant", "disable", client.tenant.name],
    }


@pytest.mark.parametrize("name", ["revoke", "delete", "disable"])
def test_no_changes_nothing(shell: Shell, client: Client, name: str) -> None:
    token = client.access_token()

    code, said = at_terminal(shell, *commands(client)[name], typed="n\n")

    assert code == 1
    assert "[y/N]: " in said
    assert said.endswith("rescind: Nothing was changed.\n")
    assert client.is_active(token)


def test_ctrl_d_changes_nothing(shell: Shell, client: Client) -> None:
    token = client.access_token()

    code, said = at_terminal(shell, *commands(client)["revoke"], typed="\x04")

    assert code == 1
    assert said.endswith("rescind: Nothing was changed.\n")
    assert client.is_active(token)


def test_y_goes_on(shell: Shell, client: Client) -> None:
    token = client.access_token()

    code, said = at_terminal(shell, *commands(client)["revoke"], typed="y\n")

    assert code == 0
    named = f"the client {client.client_id} of the tenant {client.tenant.name}"
    assert f"End {named}, with 1 active grant and 0 sessions? [y/N]: " in said
    assert not client.is_active(token)


def test_the_question_names_whose_tokens_end_but_no_token(shell: Shell, client: Client) -> None:
    token, tenant = client.access_token(), client.tenant.name
    client.issue("alice", session_sid=client.tenant.new_session("alice"))

    _, of_all = at_terminal(shell, "revoke", "tenant", "--tenant", tenant, typed="n\n")
    _, of_subject = at_terminal(shell, "revoke", "subject", "alice", "--tenant", tenant, typed="n\n")
    _, of_token = at_terminal(shell, "revoke", "token", token, "--tenant", tenant, typed="n\n")

    assert f"End the tenant {tenant}, with 2 active grants and 1 session?" in of_all
    assert f"End the subject alice of the tenant {tenant}, with 1 active grant and 1 session?" in of_subject
    assert f"End the token of the tenant {tenant}, with 1 active grant and 0 sessions?" in of_token
    assert token not in of_token


def test_yes_is_not_asked(shell: Shell, client: Client) -> None:
    token = client.access_token()

    code, said = at_terminal(shell, *commands(client)["revoke"], "--yes")

    assert code == 0
    assert "[y/N]" not in said
    assert not client.is_active(token)


def test_a_new_secret_is_asked_for_first(shell: Shell, client: Client, tenant: Tenant) -> None:
    arguments = ["client", "rotate-secret", client.client_id, "--tenant", tenant.name]

    code, said = at_terminal(shell, *arguments, typed="n\n")

    assert code == 1
    assert "Refuse the present secret" in said
    assert client.access_token()
