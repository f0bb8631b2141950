"""`rescind audit list`: what was revoked, why and by whom, the newest first."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert

from rescind.domain import clock
from rescind.domain.revoking import access, revocation, selectors
from rescind.domain.revoking.causes import Cause
from rescind.store.tables import revocations
from tests.cli.shell import Shell, on_sqlite
from tests.servers import Client, Tenant

NOW = 1_800_000_000
BY_HOST = Cause("let-go", "host", "they left", "request-1")


@pytest.fixture
def history(tenant: Tenant, other_tenant: Tenant, client: Client, mallory: Client) -> Iterator[Tenant]:
    """Give a tenant in which something was revoked every second, in another way each time."""
    authority, name = tenant.server.authority, tenant.name
    sid = tenant.new_session("alice")
    # Of whom nothing is kept, nothing ends, and so nothing is noted.
    tenant.new_session("bob")
    other_tenant.new_session("alice")
    clock.set(NOW)
    assert client.revoke(client.issue("alice").access_token).status_code == 200
    ends: list[selectors.Selector] = [
        *(selectors.Session(name, sid), selectors.Subject(name, "bob"), selectors.Client(name, "none")),
        selectors.Client(name, mallory.client_id),
    ]
    for number, selector in enumerate(ends, start=1):
        clock.set(NOW + number)
        revocation.revoke(authority, selector, BY_HOST)
    clock.set(NOW + 5)
    client.issue("alice")
    access.disconnect(authority, tenant.record, "alice", client.client_id, Cause("removed", "subject:alice"))
    revocation.revoke(authority, selectors.Subject(other_tenant.name, "alice"), BY_HOST)
    yield tenant
    clock.set(None)


def listed(shell: Shell, tenant: Tenant, *options: str) -> list[dict[str, Any]]:
    """List events."""
    return shell.run("audit", "list", "--tenant", tenant.name, *options, "--json").records


def ago(records: list[dict[str, Any]]) -> list[int]:
    """Give when each was, in seconds of the history."""
    return [record["at"] - NOW for record in records]


@pytest.mark.requirement("LOG-03")
def test_all_of_a_tenant_is_listed_the_newest_first(shell: Shell, history: Tenant) -> None:
    records = listed(shell, history)

    assert ago(records) == [5, 4, 2, 1, 0]
    assert [record["selector_kind"] for record in records] == [
        *("grant", "client", "subject", "session", "token")
    ]
    assert records[2] | {"event_id": ""} == {
        "at": NOW + 2,
        "event_id": "",
        "selector_kind": "subject",
        "selector_value": "bob",
        "subject": "bob",
        "client_id": None,
        "grant_id": None,
        "cause": "let-go",
        "reason": "they left",
        "actor": "host",
        "request_id": "request-1",
    }


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (["--subject", "alice"], [5, 1, 0]),
        (["--subject", "bob"], [2]),
        (["--subject", "nobody"], []),
        (["--cause", "let-go"], [4, 2, 1]),
        (["--cause", "revocation-endpoint"], [0]),
        (["--subject", "alice", "--cause", "let-go"], [1]),
        (["--since", str(NOW + 2)], [5, 4, 2]),
        (["--until", str(NOW + 2)], [1, 0]),
        (["--since", "2027-01-15T08:00:01Z", "--until", "2027-01-15 08:00:03"], [2, 1]),
        (["--since", "2027-01-15T09:00:04+01:00"], [5, 4]),
        (["--until", "2027-01-15"], []),
    ],
    ids=lambda value: " ".join(map(str, value)) or "none",
)
def test_it_is_asked_for_by_what_it_was_about_and_when(
    shell: Shell, history: Tenant, options: list[str], seconds: list[int]
) -> None:
    assert ago(listed(shell, history, *options)) == seconds


def test_it_is_asked_for_by_the_client_whose_it_was(
    shell: Shell, history: Tenant, client: Client, mallory: Client
) -> None:
    assert ago(listed(shell, history, "--client", client.client_id)) == [5, 0]
    assert ago(listed(shell, history, "--client", mallory.client_id)) == [4]
    assert ago(listed(shell, history, "--client", client.client_id, "--cause", "removed")) == [5]


def test_a_subject_is_found_by_each_way_of_writing_it(shell: Shell, tenant: Tenant) -> None:
    composed, decomposed = "jos\u00e9", "jose\u0301"
    row = {"selector_kind": "subject", "selector_value": "s", "cause": "c", "actor": "a"}
    made = [
        {**row, "tenant_id": tenant.record.id, "id": f"e{number}", "at": NOW + number, "subject": subject}
        for number, subject in enumerate([decomposed, composed, "jose", decomposed, composed])
    ]
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        connection.execute(insert(revocations), made)

    found = [ago(listed(shell, tenant, "--subject", name)) for name in (composed, decomposed)]

    assert found == [[4, 3, 1, 0]] * 2


def test_many_of_one_second_are_listed_once_each_over_several_pages(shell: Shell, tenant: Tenant) -> None:
    ids = [f"event{number:04}" for number in range(1203)]
    row = {"at": NOW, "selector_kind": "grant", "selector_value": "g", "cause": "c", "actor": "a"}
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        made = [{"tenant_id": tenant.record.id, "id": each, **row} for each in ids]
        connection.execute(insert(revocations), made)

    assert [record["event_id"] for record in listed(shell, tenant)] == ids[::-1]


@on_sqlite
def test_people_get_a_table_with_times_to_read(shell: Shell, history: Tenant) -> None:
    outcome = shell.run("audit", "list", "--tenant", history.name, "--subject", "bob")

    head, line = outcome.out.splitlines()
    assert head.split()[:3] == ["at", "event_id", "selector_kind"]
    assert line.startswith("2027-01-15 08:00:02Z")
    assert "they left" in line


@on_sqlite
@pytest.mark.parametrize("time", ["yesterday", "2027-13-01", "-1", "99999999999999"])
def test_what_is_no_time_is_wrong_usage(shell: Shell, tenant: Tenant, time: str) -> None:
    outcome = shell.run("audit", "list", "--tenant", tenant.name, f"--since={time}", "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert "is no time: write 2026-11-30" in outcome.err
