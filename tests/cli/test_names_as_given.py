"""A name that is stored as a version before was given it, in no form of Unicode: all of it ends."""

import json
import unicodedata
from collections.abc import Callable

import pytest
from sqlalchemy import Table, update

from rescind.domain import clock
from rescind.domain.revoking import presence, selectors
from rescind.domain.tokens.issuing import issue
from rescind.store import sessions as session_rows
from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import grants, sessions, subjects, users
from tests.cli.event_rows import event_rows
from tests.cli.shell import Shell
from tests.domain.people.signing_in import new_user
from tests.servers import Client, Tenant

pytestmark = pytest.mark.usefixtures("cheap_hashes")
# One accent is a character of its own here and another is none: no form has it so. And a unit of length.
MIXED = ["Nguy\u00ea\u0303n", "\u212bngstr\u00f6m"]
DECOMPOSED = "Zoe\u0308"
ENDS: dict[str, tuple[str, ...]] = {
    "disable": ("user", "disable"),
    "delete": ("user", "delete"),
    "set-password": ("user", "set-password", "--password", "another horse altogether"),
    "revoke": ("revoke", "subject"),
}
each_name = pytest.mark.parametrize("name", [*MIXED, DECOMPOSED], ids=ascii)


@pytest.fixture(name="write")
def fixture_write(tenant: Tenant) -> Callable[..., None]:
    """Give what lets rows of a composed name have it as it was given to a version that left it so."""

    def write(name: str, *columns: tuple[Table, str]) -> None:
        for table, column in columns:
            renamed = plain(
                update(table)
                .where(table.c.tenant_id == TENANT_ID, table.c[column] == unicodedata.normalize("NFC", name))
                .values({column: name})
            )
            tenant.server.authority.store.transact(
                lambda tx, renamed=renamed: tx.rows(renamed, tenant_id=tenant.record.id)  # type: ignore[misc]
            )

    return write


@each_name
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_each_command_ends_what_is_stored_so(
    shell: Shell,
    tenant: Tenant,
    client: Client,
    write: Callable[..., None],
    end: tuple[str, ...],
    name: str,
) -> None:
    composed = new_user(tenant, name)
    token = client.issue(composed, session_sid=tenant.new_session(composed)).access_token
    write(name, (users, "username"), (subjects, "subject"), (sessions, "subject"), (grants, "subject"))
    assert client.is_active(token)

    record = shell.run(*end, name, "--tenant", tenant.name, "--json").record

    (event,) = event_rows(tenant)
    assert record["event_id"] == event["id"]
    assert (event["subject"], event["selector_value"]) == (composed, composed)
    assert not client.is_active(token)


@each_name
def test_what_is_kept_of_it_alone_is_counted_and_ends(
    shell: Shell, tenant: Tenant, client: Client, write: Callable[..., None], name: str
) -> None:
    composed = unicodedata.normalize("NFC", name)
    token = client.issue(composed).access_token
    write(name, (subjects, "subject"), (grants, "subject"))
    at = [name, "--tenant", tenant.name, "--json"]
    assert client.is_active(token)

    counted = shell.run("revoke", "subject", *at, "--dry-run").record
    ended = shell.run("revoke", "subject", *at).record

    assert counted["active_grants"] == 1
    assert ended["revoked"] is True
    assert not client.is_active(token)


@pytest.mark.parametrize(
    ("name", "asked"), [*((each, each) for each in MIXED), (DECOMPOSED, "Zo\u00eb")], ids=ascii
)
def test_who_is_asked_hears_of_its_sessions(
    tenant: Tenant, write: Callable[..., None], name: str, asked: str
) -> None:
    composed = unicodedata.normalize("NFC", name)
    tenant.new_session(composed)
    tenant.new_session("another")
    write(name, (subjects, "subject"), (sessions, "subject"))
    authority = tenant.server.authority

    counted = [
        presence.count_sessions(authority, selector, most=9)
        for selector in (
            selectors.Subject(tenant.name, asked),
            selectors.Subject(tenant.name, "nobody"),
            selectors.Tenant(tenant.name),
        )
    ]

    assert counted == [(1, True), (0, True), (2, True)]


@pytest.mark.parametrize("is_passed", [False, True], ids=["refused", "passed"])
@pytest.mark.parametrize("name", ["late", *MIXED], ids=ascii)
def test_the_end_of_somebody_unknown_is_noted_for_who_is_about_to_come(
    shell: Shell, tenant: Tenant, client: Client, name: str, is_passed: bool
) -> None:
    # Signed in at a host, on the way to the first token.
    under_way = client.authorization(unicodedata.normalize("NFC", name))
    options = ["--if-exists"] if is_passed else []

    outcome = shell.run("revoke", "subject", name, "--tenant", tenant.name, "--json", *options)

    (late,) = issue(tenant.server.authority, under_way)
    assert not client.is_active(late.access_token)
    assert outcome.code == (0 if is_passed else 1)
    assert json.loads(outcome.out) == {"revoked": False, "event_id": None}
    assert "is noted all the same" in outcome.said
    assert ("There is no such subject" in outcome.said) is not is_passed
    assert event_rows(tenant) == []


def test_a_subject_that_is_unknown_stays_so_when_it_is_named_again(shell: Shell, tenant: Tenant) -> None:
    at = ["revoke", "subject", "Alise", "--tenant", tenant.name, "--json"]

    assert [shell.run(*at).code for _ in range(2)] == [1, 1]


def test_an_end_is_noted_for_a_host_that_names_somebody_who_was_never_here(
    shell: Shell, tenant: Tenant
) -> None:
    signed_in_at = clock.now() - 60

    shell.run("revoke", "subject", "late", "--tenant", tenant.name, "--if-exists", "--json")

    with tenant.server.authority.store.reading() as tx:
        _, ended_at = session_rows.sign_in_state(tx, tenant.record.id, "late", signed_in_at)
    assert ended_at >= signed_in_at
