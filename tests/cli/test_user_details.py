"""`rescind user create` and `update`: what is said of people."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell, on_sqlite
from tests.domain.people.signing_in import new_user
from tests.servers import Client, Tenant

pytestmark = on_sqlite
GIVEN = {
    "email": "alice@example.com",
    "email_verified": True,
    "name": "Alice",
    "picture": "https://pictures.example/a.png",
    "phone": "+49 30 1234567",
    "claims": {"groups": ["staff"]},
}


def test_what_is_said_of_a_user_is_shown_and_an_update_changes_what_is_given(
    shell: Shell, tenant: Tenant, client: Client
) -> None:
    named = ["alice", "--tenant", tenant.name, "--json"]
    said = [
        *("--email", "alice@example.com", "--email-verified", "--name", "Alice", "--claims", "-"),
        *("--picture", "https://pictures.example/a.png", "--phone", "+49 30 1234567"),
    ]

    made = shell.run(
        "user", "create", *named, "--password", "a long password", *said, stdin=b'{"groups":["staff"]}'
    )
    token = client.issue("alice").access_token
    changed = shell.run("user", "update", *named, "--email", "al@example.com", "--phone", "").record

    assert GIVEN.items() <= made.record.items()
    wanted = {**GIVEN, "email": "al@example.com", "email_verified": False, "phone": None}
    assert wanted.items() <= changed.items()
    assert shell.run("user", "show", *named).record == changed
    assert shell.run("user", "list", *named[1:]).records == [changed]
    assert client.is_active(token)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('["staff"]', "The claims are no JSON object"),
        ('{"a": 1, "a": 2}', "The claims are no JSON object: a name comes twice."),
        (json.dumps({"iss": "https://other.example"}), "The claim iss is not for a person"),
    ],
    ids=["a list", "twice", "the issuer"],
)
def test_what_is_no_detail_changes_nothing(
    shell: Shell, tenant: Tenant, tmp_path: Path, written: str, said: str
) -> None:
    new_user(tenant, password=None)
    file = tmp_path / "claims.json"
    file.write_text(written)
    given = ["--claims", str(file), "--name", "Al"]

    refused = shell.run("user", "update", "alice", "--tenant", tenant.name, *given)

    assert (refused.code, refused.out) == (1, "")
    assert said in refused.err
    shown = shell.run("user", "show", "alice", "--tenant", tenant.name, "--json").record
    assert (shown["name"], shown["claims"]) == (None, {})
