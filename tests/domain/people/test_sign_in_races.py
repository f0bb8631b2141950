"""A sign-in that is under way when the subject is revoked: it must come to nothing.

Not by chance of threads: the revocation is done after a statement, or after a unit of work, of the sign-in.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from argon2 import PasswordHasher

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.people import users
from rescind.domain.registry import tenants
from rescind.domain.revoking import logout, revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.errors import Refused, SignInThrottled
from rescind.store import transactions
from rescind.store import users as user_rows
from rescind.store.engine import Store, Transaction
from rescind.store.records import SessionRecord
from rescind.web.pages import sessions
from tests import stores
from tests.domain.people.signing_in import (
    enter,
    gives_active_tokens,
    new_user,
    outcome,
    outcomes,
    session_of,
)
from tests.servers import Client, Tenant

pytestmark = pytest.mark.usefixtures("cheap_hashes")
NOW = 1_800_000_000
NEW_PASSWORD = "another horse altogether"
# The look-up, the count, what is kept of the success, the session.
UNITS = {"look": 1, "password": 2, "session": 3}


class InterruptedStore(Store):
    """A store on which something else happens after one of its units of work."""

    interruption: Callable[[], object]
    after = 0
    _done = 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        with super().reading() as tx:
            yield tx
        self._count()

    def transact(self, work: Callable[[Transaction], Any]) -> Any:
        done = super().transact(work)
        self._count()
        return done

    def _count(self) -> None:
        self._done += 1
        if self._done == self.after:
            self.interruption()


def revoke_subject(tenant: Tenant) -> None:
    selector = selectors.Subject(tenant.name, "alice")
    revocation.revoke(tenant.server.authority, selector, Cause(OPERATOR, "test"))


def revoke_tenant(tenant: Tenant) -> None:
    revocation.revoke(tenant.server.authority, selectors.Tenant(tenant.name), Cause(OPERATOR, "test"))


def change_password(tenant: Tenant) -> None:
    users.set_password(tenant.server.authority, tenant.record, "alice", NEW_PASSWORD, actor="test")


def disable(tenant: Tenant) -> None:
    users.disable(tenant.server.authority, tenant.record, "alice", actor="test")


@pytest.fixture
def interrupted(tenant: Tenant) -> Iterator[Authority]:
    """Give the authority of another worker, whose store can be interrupted."""
    ours = tenant.server.authority
    store = InterruptedStore(ours.settings.resolved_database_url, pool_size=2)
    yield Authority(store, ours.settings, ours.keyring)
    store.dispose()


def enter_interrupted(
    tenant: Tenant,
    authority: Authority,
    act: Callable[[Tenant], object],
    *,
    after: str,
    at_browser: Sequence[SessionRecord] = (),
) -> Any:
    """Sign in with the right password while an act goes on after a unit of work."""
    store = authority.store
    assert isinstance(store, InterruptedStore)
    # The tenant is looked up by the same worker before.
    store.after, store.interruption = UNITS[after] + 1, lambda: act(tenant)
    return enter(tenant, authority=authority, at_browser=at_browser)


@pytest.mark.parametrize(
    "act", [revoke_subject, revoke_tenant, change_password, disable], ids=lambda act: str(act.__name__)
)
def test_what_ends_while_the_password_is_checked_ends_the_session_too(
    tenant: Tenant, client: Client, interrupted: Authority, act: Callable[[Tenant], None]
) -> None:
    new_user(tenant)

    signed_in = enter_interrupted(tenant, interrupted, act, after="password")

    assert not gives_active_tokens(client, signed_in)


@pytest.mark.parametrize("after", ["look", "session"])
def test_a_revocation_between_any_two_steps_ends_the_session_too(
    tenant: Tenant, client: Client, interrupted: Authority, after: str
) -> None:
    new_user(tenant)

    signed_in = enter_interrupted(tenant, interrupted, revoke_subject, after=after)

    assert not gives_active_tokens(client, signed_in)
    assert gives_active_tokens(client, enter(tenant))


@pytest.mark.parametrize("statement", [2, 3], ids=["after the epoch", "after the user"])
@pytest.mark.parametrize("act", [change_password, disable], ids=lambda act: str(act.__name__))
def test_between_the_epoch_and_the_hash_no_old_password_slips_through(
    tenant: Tenant,
    client: Client,
    interrupted: Authority,
    act: Callable[[Tenant], None],
    statement: int,
) -> None:
    new_user(tenant)
    done: list[str] = []

    def interrupt(dialect: str, text: str) -> None:
        done.append(text)
        # What the act itself sends comes here too.
        if len(done) == statement:
            act(tenant)

    transactions.after_watchers.append(interrupt)
    try:
        with contextlib.suppress(Refused):
            assert not gives_active_tokens(client, enter(tenant, authority=interrupted))
    finally:
        transactions.after_watchers.remove(interrupt)
    assert outcome(tenant) == "refused"
    assert len(done) >= statement


@pytest.mark.settings(sign_in_attempts=3)
def test_guesses_that_were_counted_meanwhile_keep_the_right_one_out(
    tenant: Tenant, interrupted: Authority
) -> None:
    new_user(tenant)

    with pytest.raises(SignInThrottled):
        enter_interrupted(tenant, interrupted, lambda tenant: outcomes(tenant, 3), after="look")
    assert outcome(tenant) == "throttled"


def test_a_hash_that_is_renewed_does_not_bring_an_old_password_back(
    tenant: Tenant, interrupted: Authority
) -> None:
    new_user(tenant, password=None)
    weak = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash("correct horse battery staple")
    with stores.transaction(tenant.server.authority.store) as tx:
        user_rows.set_hash(tx, tenants.get(tenant.server.authority, tenant.name).id, "alice", weak)

    enter_interrupted(tenant, interrupted, change_password, after="password")

    assert outcome(tenant) == "refused"
    assert outcome(tenant, password=NEW_PASSWORD) == "in"


@pytest.mark.parametrize("after", ["look", "password"])
def test_a_session_that_is_ended_while_its_subject_signs_in_again_stays_ended(
    tenant: Tenant, client: Client, interrupted: Authority, after: str
) -> None:
    new_user(tenant)
    first = enter(tenant)
    tokens = client.issue("alice", session_sid=first.sid)
    known = session_of(tenant, first)

    def end(tenant: Tenant) -> None:
        logout.end_session(
            tenant.server.authority, tenant.record, first.sid, actor="subject:alice", request_id=None
        )

    again = enter_interrupted(tenant, interrupted, end, after=after, at_browser=[known])

    assert not client.is_active(tokens.access_token)
    assert not gives_active_tokens(client, first)
    assert gives_active_tokens(client, again)


@pytest.mark.parametrize(
    "act", [revoke_subject, revoke_tenant, change_password, disable], ids=lambda act: str(act.__name__)
)
def test_what_ends_while_somebody_signs_in_again_ends_the_session_that_goes_on(
    tenant: Tenant, client: Client, interrupted: Authority, act: Callable[[Tenant], None]
) -> None:
    new_user(tenant)
    first = enter(tenant)
    known = session_of(tenant, first)

    again = enter_interrupted(tenant, interrupted, act, after="password", at_browser=[known])

    assert not gives_active_tokens(client, again)
    assert not gives_active_tokens(client, first)


@pytest.mark.parametrize("act", [revoke_subject, revoke_tenant], ids=lambda act: str(act.__name__))
def test_after_a_revocation_that_is_over_a_sign_in_does_not_go_on_in_what_it_ended(
    tenant: Tenant, client: Client, act: Callable[[Tenant], None]
) -> None:
    new_user(tenant)
    first = enter(tenant)
    known = session_of(tenant, first)
    act(tenant)

    again = enter(tenant, at_browser=[known])

    assert gives_active_tokens(client, again)
    assert not gives_active_tokens(client, first)


def test_a_session_that_has_expired_meanwhile_does_not_go_on(tenant: Tenant, client: Client) -> None:
    clock.set(NOW)
    new_user(tenant)
    first = enter(tenant)
    known = session_of(tenant, first)
    clock.set(known.expires_at)

    again = enter(tenant, at_browser=[known])

    assert again.sid != first.sid
    assert not gives_active_tokens(client, first)


def test_who_sends_the_form_twice_has_one_session_and_the_later_cookie(
    tenant: Tenant, client: Client
) -> None:
    new_user(tenant)
    known = session_of(tenant, enter(tenant))

    first, second = enter(tenant, at_browser=[known]), enter(tenant, at_browser=[known])

    authority, record = tenant.server.authority, tenant.record
    assert first.sid == second.sid == known.sid
    assert sessions.by_cookie(authority, record, first.cookie) is None
    assert sessions.by_cookie(authority, record, second.cookie) is not None
    assert gives_active_tokens(client, second)
