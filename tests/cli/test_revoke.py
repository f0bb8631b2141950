"""`rescind revoke`: what each selector ends, what it leaves, and the event that is written."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.cli.event_rows import event_rows
from tests.cli.shell import ACTOR, Shell, on_sqlite
from tests.servers import Client, Tenant


@dataclass
class Scene:
    """Tokens of a tenant, of which a selector covers some.

    Attributes:
        covered: what must be dead afterwards.
        kept: what must live on, one for each thing that the selector must not reach.
        later: issues another token of the kind that was covered.
    """

    named: str | None
    covered: list[str]
    kept: list[str]
    later: Callable[[], str]


def _of_token(tenant: Tenant, client: Client, other: Client) -> Scene:
    issued, kept = client.issue("alice"), client.issue("alice")
    return Scene(
        issued.access_token,
        [issued.access_token],
        [kept.access_token],
        lambda: client.issue("alice").access_token,
    )


def _of_grant(tenant: Tenant, client: Client, other: Client) -> Scene:
    issued, kept = client.issue("alice"), client.issue("alice")
    refreshed = client.refresh(issued.refresh_token or "").json()["access_token"]
    return Scene(
        issued.grant_id,
        [issued.access_token, refreshed],
        [kept.access_token],
        lambda: client.issue("alice").access_token,
    )


def _of_session(tenant: Tenant, client: Client, other: Client) -> Scene:
    ended, stays = tenant.new_session("alice"), tenant.new_session("alice")
    covered = [each.issue("alice", session_sid=ended) for each in (client, other)]
    kept = [client.issue("alice", session_sid=stays), client.issue("alice")]
    return Scene(
        ended,
        [issued.access_token for issued in covered],
        [issued.access_token for issued in kept],
        lambda: client.issue("alice", session_sid=stays).access_token,
    )


def _of_subject(tenant: Tenant, client: Client, other: Client) -> Scene:
    return Scene(
        "alice",
        [client.issue("alice").access_token, other.issue("alice").access_token],
        [client.issue("bob").access_token, client.access_token()],
        lambda: client.issue("alice").access_token,
    )


def _of_client(tenant: Tenant, client: Client, other: Client) -> Scene:
    return Scene(
        client.client_id,
        [client.issue("alice").access_token, client.access_token()],
        [other.issue("alice").access_token, other.access_token()],
        lambda: client.issue("alice").access_token,
    )


def _of_tenant(tenant: Tenant, client: Client, other: Client) -> Scene:
    covered = [client.issue("alice"), other.issue("bob")]
    tokens = [issued.access_token for issued in covered]
    return Scene(None, [*tokens, client.access_token()], [], lambda: client.access_token())


SCENES = {
    "token": _of_token,
    "grant": _of_grant,
    "session": _of_session,
    "subject": _of_subject,
    "client": _of_client,
    "tenant": _of_tenant,
}


@pytest.mark.requirement("CAS-08")
@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize("kind", SCENES)
def test_what_it_names_is_dead_the_rest_and_what_comes_later_lives_and_an_event_tells_it(
    shell: Shell, tenant: Tenant, other_tenant: Tenant, client: Client, mallory: Client, kind: str
) -> None:
    scene = SCENES[kind](tenant, client, mallory)
    stranger = other_tenant.new_client(client_id=client.client_id)
    foreign = stranger.issue("alice").access_token
    asker = tenant.new_client(is_resource_server=True)

    named = [scene.named] if scene.named is not None else []
    arguments = ["revoke", kind, *named, "--tenant", tenant.name, "--reason", "they left"]

    record = shell.run(*arguments, "--json").record

    (event,) = event_rows(tenant)
    assert record == {"revoked": True, "event_id": event["id"]}
    assert (event["selector_kind"], event["cause"], event["reason"]) == (kind, "operator", "they left")
    assert event["actor"] == ACTOR
    assert not any(asker.is_active(token) for token in scene.covered)
    assert all(asker.is_active(token) for token in scene.kept)
    assert stranger.is_active(foreign)
    assert asker.is_active(scene.later())


@pytest.mark.requirement("LOG-03")
@pytest.mark.parametrize("kind", ["token", "grant", "session", "subject"])
def test_what_has_ended_already_is_no_error_and_no_event(
    shell: Shell, tenant: Tenant, client: Client, kind: str
) -> None:
    scene = SCENES[kind](tenant, client, client)
    arguments = ["revoke", kind, str(scene.named), "--tenant", tenant.name, "--json"]
    first = shell.run(*arguments).record

    outcome = shell.run(*arguments)

    assert first["revoked"] is True
    assert outcome.record == {"revoked": False, "event_id": None}
    assert outcome.said.startswith(f"The {kind} had ")
    assert len(event_rows(tenant)) == 1


@on_sqlite
@pytest.mark.parametrize("kind", ["token", "grant", "session", "subject", "client"])
def test_what_is_not_there_is_refused_unless_it_need_not_be(
    shell: Shell, tenant: Tenant, client: Client, kind: str
) -> None:
    token = client.issue("carol").access_token
    arguments = ["revoke", kind, "Carol", "--tenant", tenant.name, "--json"]

    refused = shell.run(*arguments)
    passed = shell.run(*arguments, "--if-exists")

    assert refused.code == 1
    assert refused.said.startswith(f"rescind: There is no such {kind}: the {kind} ")
    assert ("Carol" in refused.said) == (kind != "token")
    assert passed.record == json.loads(refused.out) == {"revoked": False, "event_id": None}
    assert not event_rows(tenant)
    assert client.is_active(token)


@on_sqlite
@pytest.mark.requirement("LOG-03")
def test_a_token_of_another_tenant_is_unknown(
    shell: Shell, client: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    token = client.access_token()

    outcome = shell.run("revoke", "token", token, "--tenant", other_tenant.name, "--json")

    assert outcome.code == 1
    assert "There is no such token" in outcome.said
    assert token not in outcome.said
    assert not event_rows(other_tenant)
    assert client.is_active(token)


@on_sqlite
def test_a_token_can_come_from_standard_input(shell: Shell, client: Client, tenant: Tenant) -> None:
    token = client.access_token()

    record = shell.run(
        "revoke", "token", "-", "--tenant", tenant.name, "--json", stdin=f"\t{token} \r\n".encode()
    ).record

    assert record["revoked"] is True
    assert not client.is_active(token)


@on_sqlite
def test_of_several_tokens_on_standard_input_all_end(shell: Shell, client: Client, tenant: Tenant) -> None:
    tokens = [client.access_token() for _ in range(3)]
    assert all(client.is_active(token) for token in tokens)
    arguments = ["revoke", "token", "-", "--tenant", tenant.name, "--json"]

    records = shell.run(*arguments, stdin="\n".join(tokens).encode()).records

    assert [record["revoked"] for record in records] == [True, True, True]
    assert [record["event_id"] for record in records] == [event["id"] for event in event_rows(tenant)]
    assert not any(client.is_active(token) for token in tokens)


@on_sqlite
def test_one_that_is_not_there_keeps_no_other_from_its_end_and_answers_name_their_lines(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    issued = [client.issue("alice").access_token for _ in range(2)]
    arguments = ["revoke", "token", "-", "--tenant", tenant.name, "--json"]
    given = f"{issued[0]}\n\nrat_unknown\n{issued[1]}".encode()

    counted = shell.run(*arguments, "--dry-run", stdin=given).records
    outcome = shell.run(*arguments, stdin=given)

    records = [json.loads(line) for line in outcome.out.splitlines()]
    each = ("line", "is_there")
    lines = [(1, True), (3, False), (4, True)]
    assert [tuple(record[name] for name in each) for record in records] == lines
    assert [tuple(record[name] for name in each) for record in counted] == lines
    assert [record["active_grants"] for record in counted] == [1, 0, 1]
    assert [record["revoked"] for record in records] == [True, False, True]
    assert outcome.code == 1
    assert (
        outcome.said == f"rescind: There is no such token: the token of the tenant {tenant.name} (line 3).\n"
    )


@on_sqlite
def test_a_tenant_is_named_by_its_option_alone(shell: Shell, client: Client, tenant: Tenant) -> None:
    token = client.access_token()

    outcome = shell.run("revoke", "tenant", tenant.name, "--tenant", tenant.name, "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert "unexpected extra argument" in outcome.err
    assert client.is_active(token)


@on_sqlite
def test_it_says_where_it_works_before_it_takes_anything_away(shell: Shell, tenant: Tenant) -> None:
    authority = tenant.server.authority
    where = f"The store is {authority.store.address}, the public URL http://127.0.0.1:8000.\n"

    refused = shell.run("revoke", "token", "unknown", "--tenant", tenant.name, "--yes")
    counted = shell.run("revoke", "tenant", "--tenant", tenant.name, "--dry-run", "--json")

    assert refused.err.startswith(where)
    assert counted.err == where


def test_dry_run_counts_and_ends_nothing(shell: Shell, client: Client, tenant: Tenant) -> None:
    tokens = [client.issue("alice").access_token for _ in range(2)]

    record = shell.run("revoke", "subject", "alice", "--tenant", tenant.name, "--dry-run", "--json").record

    assert record == {"dry_run": True, "active_grants": 2, "is_all": True}
    assert all(client.is_active(token) for token in tokens)
    assert not event_rows(tenant)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("token", b"a\0b\n"), ("grant", b"a\0b\n"), ("client", b"\xff\n")],
    ids=["NUL in a token", "NUL in a grant", "a client not in UTF-8"],
)
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_bytes_that_a_store_does_not_take_name_nothing(
    shell: Shell, tenant: Tenant, kind: str, value: bytes
) -> None:
    arguments = ["revoke", kind, "-", "--tenant", tenant.name, "--if-exists", "--json"]

    outcome = shell.run(*arguments, stdin=value)

    assert outcome.record == {"line": 1, "is_there": False, "revoked": False, "event_id": None}


@on_sqlite
def test_a_tenant_that_is_not_there_is_refused(shell: Shell) -> None:
    outcome = shell.run("revoke", "subject", "alice", "--tenant", "nowhere", "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.said == "rescind: There is no tenant 'nowhere'.\n"
