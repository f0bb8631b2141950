"""Names that are written differently and are the same: compared in one form, found in any."""

import time
import unicodedata

import pytest
from sqlalchemy import update

from rescind.domain import operating
from rescind.domain.people import sign_in, users
from rescind.domain.revoking import presence, revocation, selectors
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.tokens.issuing import issue
from rescind.errors import AlreadyExists, BadValue, NotFound, SignInRefused, SignInThrottled
from rescind.store.activity import TENANT_ID
from rescind.store.presence import MOST_LOOKED_AT
from rescind.store.spellings import each_spelling
from rescind.store.statements import plain
from rescind.store.tables import grants, sessions, subjects
from rescind.store.tables import users as user_rows
from tests.cli.event_rows import event_rows
from tests.cli.shell import on_sqlite
from tests.servers import Client, Tenant

pytestmark = pytest.mark.usefixtures("cheap_hashes")
COMPOSED = "Zoë"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
PASSWORD = "correct horse battery staple"
both = pytest.mark.parametrize("given", [COMPOSED, DECOMPOSED], ids=["composed", "decomposed"])


def end(tenant: Tenant, subject: str) -> Revocation:
    selector = selectors.Subject(tenant.name, subject)
    return revocation.revoke(tenant.server.authority, selector, Cause("test", "operator:test"))


def enter(tenant: Tenant, username: str, password: str = PASSWORD) -> sign_in.SignedIn:
    return sign_in.sign_in(
        tenant.server.authority, tenant.record, username, password, address="192.0.2.1", request_id=None
    )


def write_as_the_version_before(tenant: Tenant) -> None:
    """Let rows have the name as it was given to a version that left it so."""

    for table, column in ((grants, "subject"), (sessions, "subject"), (subjects, "subject")):
        rename(tenant, table, column)
    rename(tenant, user_rows, "username")


def rename(
    tenant: Tenant, table: object, column: str, *, composed: str = COMPOSED, written: str = DECOMPOSED
) -> None:
    """Let one kind of rows have a name in another way."""
    renamed = plain(
        update(table)  # type: ignore[arg-type]
        .where(table.c.tenant_id == TENANT_ID, table.c[column] == composed)  # type: ignore[attr-defined]
        .values({column: written})
    )
    tenant.server.authority.store.transact(lambda tx: tx.rows(renamed, tenant_id=tenant.record.id))


@both
@pytest.mark.parametrize("is_older", [False, True], ids=["written today", "written before"])
def test_all_of_a_subject_ends_whichever_way_its_name_is_written(
    tenant: Tenant, client: Client, given: str, is_older: bool
) -> None:
    tokens = client.issue(COMPOSED)
    if is_older:
        write_as_the_version_before(tenant)
    sid_before = client.is_active(tokens.access_token)
    selector = selectors.Subject(tenant.name, given)
    counted = presence.count_covered(tenant.server.authority, selector)

    done = end(tenant, given)

    assert (sid_before, counted) == (True, (1, True))
    assert (done.revoked, done.value) == (True, COMPOSED)
    assert not client.is_active(tokens.access_token)
    assert len(event_rows(tenant)) == 1


@pytest.mark.parametrize("name", ["nobody", COMPOSED])
def test_the_answer_tells_that_there_was_nobody_of_this_name(
    tenant: Tenant, client: Client, name: str
) -> None:
    # Somebody is about to sign in for the first time.
    under_way = client.authorization(name)

    done = end(tenant, name), end(tenant, name)

    assert [(each.revoked, each.event_id) for each in done] == [(False, None)] * 2
    assert event_rows(tenant) == []
    (late,) = issue(tenant.server.authority, under_way)
    assert not client.is_active(late.access_token)
    assert not end(tenant, name).revoked


@on_sqlite
def test_of_a_subject_with_very_many_grants_it_is_not_said_that_nothing_was_there(
    tenant: Tenant, client: Client
) -> None:
    authority, count = tenant.server.authority, MOST_LOOKED_AT + 1
    assert len(issue(authority, client.authorization("alice"), count=count)) == count

    assert [end(tenant, "alice").revoked for _ in range(2)] == [True, True]


@both
def test_a_user_is_one_however_the_name_is_typed(tenant: Tenant, given: str) -> None:
    authority, record = tenant.server.authority, tenant.record
    made = users.create(authority, record, DECOMPOSED, PASSWORD)

    with pytest.raises(AlreadyExists, match="The user"):
        users.create(authority, record, given)
    assert made.username == COMPOSED
    assert enter(tenant, given).subject == COMPOSED
    assert users.get(authority, record, given) == made


@both
def test_a_user_of_before_is_found_and_is_the_subject_that_clients_know(tenant: Tenant, given: str) -> None:
    authority, record = tenant.server.authority, tenant.record
    users.create(authority, record, COMPOSED, PASSWORD)
    write_as_the_version_before(tenant)

    signed_in = enter(tenant, given)
    with pytest.raises(AlreadyExists, match="The user"):
        users.create(authority, record, given)
    users.set_password(authority, record, given, "another horse altogether", actor="operator:test")
    users.disable(authority, record, given, actor="operator:test")

    assert signed_in.subject == DECOMPOSED
    with pytest.raises(SignInRefused):
        enter(tenant, given, "another horse altogether")
    assert users.enable(authority, record, given).username == DECOMPOSED
    assert enter(tenant, given, "another horse altogether").subject == DECOMPOSED


@pytest.mark.settings(sign_in_attempts=3)
def test_guesses_count_together_however_the_name_is_typed(tenant: Tenant) -> None:
    users.create(tenant.server.authority, tenant.record, COMPOSED, PASSWORD)

    for given in (COMPOSED, DECOMPOSED, COMPOSED):
        with pytest.raises(SignInRefused):
            enter(tenant, given, "a guess")

    with pytest.raises(SignInThrottled):
        enter(tenant, DECOMPOSED)


@pytest.mark.settings(sign_in_attempts=2)
def test_a_name_too_long_to_be_one_is_refused_as_any_and_takes_no_time(tenant: Tenant) -> None:
    # To compose so many marks takes seconds, in which no other thread goes on.
    name = "Zoe" + "\u0301\u0316" * 15_000
    before = time.process_time()

    for _ in range(2):
        with pytest.raises(SignInRefused):
            enter(tenant, name)
    with pytest.raises(SignInThrottled):
        enter(tenant, name)
    with pytest.raises(NotFound):
        users.get(tenant.server.authority, tenant.record, name)
    with pytest.raises(BadValue):
        end(tenant, name)

    assert time.process_time() - before < 2


def test_the_longest_name_is_still_found_by_each_spelling() -> None:
    name = DECOMPOSED * (255 // len(DECOMPOSED))

    assert each_spelling(name) == (COMPOSED * (len(name) // len(DECOMPOSED)), name)


def test_what_an_operator_issues_is_about_the_composed_name(tenant: Tenant, client: Client) -> None:
    (issued,) = operating.issue(
        tenant.server.authority,
        tenant.name,
        client.client_id,
        subject=DECOMPOSED,
        scope="",
        expires_in=None,
        count=1,
    )

    assert client.introspect(issued.access_token).json()["sub"] == COMPOSED
